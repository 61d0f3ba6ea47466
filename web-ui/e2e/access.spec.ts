import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";

interface StoredIdentity {
  readonly identity: string;
  readonly token?: string;
}

const storedIdentity = (page: Page): Promise<StoredIdentity> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("parlor.me") ?? "{}"));

/** The properties of the stored key of an identity: its usages, and whether a script can export it. */
const storedKey = (page: Page, identity: string) =>
  page.evaluate(async (id) => {
    const request = indexedDB.open("parlor-keys", 1);
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const get = db.transaction("keys").objectStore("keys").get(id);
    const found = await new Promise<{ privateKey: CryptoKey } | undefined>((resolve) => {
      get.onsuccess = () => resolve(get.result);
    });
    db.close();
    if (found === undefined) return null;
    const exported = await crypto.subtle.exportKey("jwk", found.privateKey).then(
      () => "exported",
      (refused: Error) => refused.name,
    );
    return { extractable: found.privateKey.extractable, usages: found.privateKey.usages, exported };
  }, identity);

test("an identity is a key pair that no script can read, and it survives a reload", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const authorizationHeaders: string[] = [];
  ada.page.on("request", (request) => authorizationHeaders.push(request.headers().authorization ?? ""));
  await ada.openRoom(server.url, "Keys");
  await ada.awaitSaved();
  const me = await storedIdentity(ada.page);
  expect(me.token).toBeUndefined();
  expect(await storedKey(ada.page, me.identity)).toEqual({
    extractable: false,
    usages: ["sign"],
    exported: "InvalidAccessError",
  });
  const sentHeaders = authorizationHeaders.filter((header) => header !== "");
  expect(sentHeaders.length).toBeGreaterThan(0);
  expect(sentHeaders.every((header) => header.startsWith("Bearer ps1."))).toBe(true);

  await ada.page.reload();
  await ada.awaitRoom();
  await ada.awaitSaved();
  expect((await storedIdentity(ada.page)).identity).toBe(me.identity);

  await server.down();
  ada.ignoresNetworkErrors = true;
  await server.up();
  await ada.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await ada.awaitSaved();
});

test("an older identity with a token changes to a key pair and stays the same person", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  const link = await ada.openRoom(server.url, "Before");
  const oldIdentity = await ada.page.evaluate(async () => {
    const answer = await fetch("/api/identities", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Ada" }),
    });
    const { identity, token } = await answer.json();
    localStorage.setItem("parlor.me", JSON.stringify({ identity, token, name: "Ada" }));
    return { identity, token };
  });
  await ada.page.goto("about:blank");
  await ada.page.goto(link);
  await ada.awaitRoom();
  await ada.awaitSaved();
  const me = await storedIdentity(ada.page);
  expect(me.identity).toBe(oldIdentity.identity);
  expect(me.token).toBeUndefined();
  expect((await storedKey(ada.page, me.identity))?.extractable).toBe(false);
  const status = await ada.page.evaluate(
    async ({ token }) =>
      (
        await fetch("/api/rooms", {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
          body: "{}",
        })
      ).status,
    oldIdentity,
  );
  expect(status, "the old token is no longer accepted").toBe(401);
});

/** Opens the list of people in the header, and then the menu of one person. */
async function openMenuOf(page: Page, name: string): Promise<void> {
  await page
    .getByRole("region", { name: "People" })
    .getByRole("button", { name: /(person|people) here/ })
    .click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `${name}: role and access` })
    .click();
}

test("a removed person is disconnected, cannot return by the link, and can return after a host allows it; a locked room refuses new people [U21]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  bob.ignoresNetworkErrors = true;
  const link = await ada.openRoom(server.url, "Out");
  await bob.follow(link);
  await bob.awaitSaved();
  await ada.awaitSaved();

  await openMenuOf(ada.page, "Bob");
  await ada.page.getByRole("menuitem", { name: "Remove from the room…" }).click();
  const confirmation = ada.page.getByRole("alertdialog", { name: "Remove Bob?" });
  await expect(confirmation).toContainText("until a host lets them back in");
  await confirmation.getByRole("button", { name: "Remove" }).click();

  await expect(bob.page.getByRole("alert")).toContainText("A host removed you from this room.");
  await bob.page.reload();
  await expect(bob.page.getByRole("heading", { name: "A host removed you from this room" })).toBeVisible();
  await bob.page.getByRole("button", { name: "Try again" }).click();
  await expect(bob.page.getByRole("heading", { name: "A host removed you from this room" })).toBeVisible();

  await ada.page.keyboard.press("Escape");
  await openMenuOf(ada.page, "Bob");
  await ada.page.getByRole("menuitem", { name: "Let in again" }).click();
  await expect(ada.page.getByRole("status").filter({ hasText: "Bob may come in again." })).toBeAttached();
  await bob.page.getByRole("button", { name: "Try again" }).click();
  await bob.awaitRoom();
  await bob.awaitSaved();

  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("button", { name: "Share", exact: true }).click();
  await ada.page.getByRole("switch", { name: "Lock the room" }).check();
  await expect(ada.page.getByRole("status").filter({ hasText: "The room is locked" })).toBeAttached();
  const cleo = await arrive("Cleo");
  cleo.ignoresNetworkErrors = true;
  await cleo.page.goto(link);
  await cleo.page.getByLabel("Your name in this room").press("Enter");
  await expect(cleo.page.getByRole("heading", { name: "This room is locked" })).toBeVisible();
  await ada.page.getByRole("switch", { name: "Lock the room" }).uncheck();
  await expect(ada.page.getByRole("status").filter({ hasText: "The room is unlocked" })).toBeAttached();
  await cleo.page.getByRole("button", { name: "Try again" }).click();
  await cleo.awaitRoom();
});

test("a role that a host changes applies at once, without a reload", async ({ arrive, server }) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  bob.ignoresNetworkErrors = true;
  await bob.follow(await ada.openRoom(server.url, "Roles"));
  await bob.awaitSaved();
  await expect(bob.page.getByLabel("Room title")).toBeEditable();

  await openMenuOf(ada.page, "Bob");
  await ada.page.getByRole("menuitem", { name: "Make spectator" }).click();
  await expect(bob.page.getByText("You're a spectator now.").first()).toBeVisible({ timeout: 10_000 });
  await expect(bob.page.getByLabel("Room title")).not.toBeEditable();
  await bob.awaitSaved();

  await ada.page.keyboard.press("Escape");
  await openMenuOf(ada.page, "Bob");
  await ada.page.getByRole("menuitem", { name: "Make player" }).click();
  await expect(bob.page.getByText("You're a player now: you can play and write.").first()).toBeVisible({
    timeout: 10_000,
  });
  await expect(bob.page.getByLabel("Room title")).toBeEditable();
});

test("an invitation for one person admits one, and ending the invitation disconnects that person", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  const cyd = await arrive("Cyd");
  bob.ignoresNetworkErrors = true;
  cyd.ignoresNetworkErrors = true;
  await ada.openRoom(server.url, "By invitation");
  await ada.page.getByRole("button", { name: "Share", exact: true }).click();
  const share = ada.page.getByRole("dialog", { name: "Invite people" });
  await share.getByLabel("Uses", { exact: true }).selectOption("one person");
  await share.getByRole("button", { name: "Invite" }).click();
  const invitations = share.getByRole("region", { name: "Invitations" });
  const field = invitations.getByRole("textbox", { name: /Player.*0 of 1 joined/ });
  const invitation = await field.inputValue();

  await bob.follow(invitation);
  await bob.awaitSaved();
  await cyd.page.goto(invitation);
  await cyd.page.getByLabel("Your name in this room").fill("Cyd");
  await cyd.page.getByLabel("Your name in this room").press("Enter");
  await expect(cyd.page.getByRole("heading", { name: "This link has no places left" })).toBeVisible();

  await invitations.getByRole("button", { name: "Revoke this invitation: Player" }).click();
  await invitations.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(invitations.getByRole("list", { name: "Invitations that are over" })).toContainText("ended");
  await expect(bob.page.getByRole("alert")).toContainText("A host ended this link; ask for a new one.");
  await bob.page.reload();
  await expect(bob.page.getByRole("heading", { name: "This link was ended" })).toBeVisible();
});

test("a host who ends the link in the address bar continues with the new link", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  const before = await ada.openRoom(server.url, "Successor");
  await ada.awaitSaved();
  await ada.page.getByRole("button", { name: "Share", exact: true }).click();
  const share = ada.page.getByRole("dialog", { name: "Invite people" });
  await share.getByRole("button", { name: "Revoke the link: Player" }).click();
  await share.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect.poll(() => ada.page.url()).not.toBe(before);
  await ada.awaitRoom();
  await ada.awaitSaved();
  await ada.page.reload();
  await ada.awaitRoom();
  await ada.awaitSaved();
});

test("a room with a secret word admits people with the word, and the word never leaves the page", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  const sent: string[] = [];
  for (const person of [ada, bob]) {
    person.ignoresNetworkErrors = true;
    person.page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
  }
  await ada.page.goto(server.url);
  await ada.page.getByLabel("What is the room for?").fill("Behind a word");
  await ada.page.getByRole("button", { name: "Add a secret word" }).click();
  await ada.page.getByLabel("Secret word").fill("correct horse");
  await ada.page.screenshot({ path: "test-results/screens/front-secret.png" });
  await ada.page.getByRole("button", { name: "Open a room" }).click();

  const joinAs = async (person: typeof ada): Promise<void> => {
    await person.page.getByLabel("Your name in this room").fill(person.name);
    await person.page.getByLabel("Your name in this room").press("Enter");
  };
  // The room's owner need not enter the secret word.
  await joinAs(ada);
  await ada.awaitRoom();
  await ada.awaitSaved();

  await bob.page.goto(ada.page.url());
  await expect(bob.page.getByText("Nobody else is here yet.")).toBeHidden();
  await joinAs(bob);
  await expect(bob.page.getByLabel("Secret word")).toBeFocused();
  await bob.page.getByLabel("Secret word").fill("wrong horse");
  await bob.page.getByLabel("Secret word").press("Enter");
  await expect(bob.page.getByRole("alert")).toHaveText("That is not the secret of this room.");
  await bob.page.screenshot({ path: "test-results/screens/secret-gate.png" });
  await bob.page.getByLabel("Secret word").fill(" correct horse");
  await bob.page.getByLabel("Secret word").press("Enter");
  await bob.awaitRoom();
  await bob.awaitSaved();
  await bob.page.reload();
  await bob.awaitRoom();
  await bob.awaitSaved();

  expect(sent.length).toBeGreaterThan(5);
  expect(sent.filter((line) => line.includes("horse"))).toEqual([]);
  expect(server.log).not.toContain("horse");
});
