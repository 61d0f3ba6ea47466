import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { linkFor } from "./support/room-session";
import { tagged } from "./support/tags";

const keyOf = (url: string): string => new URL(url).hash.replace("#k=", "");

/** Opens the list of people in the header. */
async function openPeople(page: Page) {
  await page
    .getByRole("region", { name: "People" })
    .getByRole("button", { name: /(person|people) here/ })
    .click();
  return page.getByRole("dialog");
}

const menuOf = (page: Page, name: string) =>
  page.getByRole("dialog").getByRole("button", { name: `${name}: role and access` });

async function openShareDialog(person: Person) {
  await person.page.getByRole("button", { name: "Share", exact: true }).click();
  return person.page.getByRole("dialog", { name: "Invite people" });
}

/** The role that the page stored when the server last gave it a ticket. */
const storedRole = (person: Person): Promise<string> =>
  person.page.evaluate(() => JSON.parse(localStorage.getItem("parlor.rooms") ?? "[]")[0]?.role as string);

test("a person who opens the address in the owner's address bar is a player, and no host can lock the owner out", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  bob.ignoresNetworkErrors = true;
  const address = await ada.openRoom(server.url, "Mine");
  await ada.awaitSaved();
  const host = await linkFor(ada, "host");
  expect(keyOf(address)).toBe(keyOf(await linkFor(ada, "player")));

  await bob.follow(address);
  await bob.awaitSaved();
  expect(bob.page.url(), "a player keeps the key that they joined by").toBe(address);
  const listed = await openPeople(bob.page);
  await expect(listed.getByRole("listitem").filter({ hasText: "Bob (you)" })).toContainText("player");
  await expect(listed.getByRole("listitem").filter({ hasText: "Ada" })).toContainText("host · owner");
  await expect(menuOf(bob.page, "Ada")).toBeHidden();
  await bob.page.keyboard.press("Escape");

  // With the host link from Share the second person becomes a host, and the address bar still shows the player link.
  await bob.page.goto(host);
  await bob.awaitRoom();
  await expect.poll(() => bob.page.url()).toBe(address);
  await bob.awaitSaved();
  expect(await storedRole(bob)).toBe("host");
  await openPeople(bob.page);
  await expect(menuOf(bob.page, "Ada"), "the owner cannot be removed").toBeHidden();
  await bob.page.keyboard.press("Escape");
  const shareDialog = await openShareDialog(bob);
  await shareDialog.getByRole("button", { name: "Revoke the link: Host" }).click();
  await shareDialog.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect.poll(() => linkFor(bob, "host")).not.toBe(host);

  // The owner keeps her role in the open page, after a reload, and with the ended link.
  await ada.awaitSaved();
  await ada.page.reload();
  await ada.awaitRoom();
  await ada.awaitSaved();
  expect(await storedRole(ada)).toBe("host");
  await ada.page.goto("about:blank");
  await ada.page.goto(host);
  await ada.awaitRoom();
  await expect.poll(() => ada.page.url()).toBe(address);
  await ada.awaitSaved();
  expect(await storedRole(ada)).toBe("host");

  // The owner can demote the second host.
  await openPeople(ada.page);
  await menuOf(ada.page, "Bob").click();
  await ada.page.getByRole("menuitem", { name: "Make player" }).click();
  await expect(bob.page.getByText("You're a player now: you can play and write.").first()).toBeVisible({
    timeout: 10_000,
  });
  // The ended host link does not make Bob a host again, since his membership has the role player.
  await bob.page.goto("about:blank");
  await bob.page.goto(host);
  await expect.poll(() => bob.page.url()).toBe(address);
  await bob.awaitRoom();
  await bob.awaitSaved();
  expect(await storedRole(bob)).toBe("player");
});

test(
  "a host's address shows the player link after a reload, in a second tab, after back and forward, and from the list of rooms",
  tagged(false),
  async ({ arrive, server }) => {
    const ada = await arrive("Ada");
    const bob = await arrive("Bob");
    const address = await ada.openRoom(server.url, "Everywhere");
    await ada.awaitSaved();
    const host = await linkFor(ada, "host");

    // A second person joins by the host link. The page replaces the host key in the address without a reload.
    await bob.page.goto(server.url);
    await bob.page.goto(host);
    await bob.page.getByLabel("Your name in this room").fill("Bob");
    await bob.page.getByLabel("Your name in this room").press("Enter");
    await bob.awaitRoom();
    await expect.poll(() => bob.page.url()).toBe(address);
    const written = await bob.page.evaluate(() => {
      (window as unknown as { stays: boolean }).stays = true;
      return JSON.stringify(localStorage);
    });
    expect(written, "the browser does not store the host key").not.toContain(keyOf(host));
    await bob.awaitSaved();

    await bob.page.goBack();
    await expect(bob.page.getByRole("heading", { name: "Prompt it together." })).toBeVisible();
    await bob.page.goForward();
    await bob.awaitRoom();
    expect(bob.page.url()).toBe(address);
    await bob.page.reload();
    await bob.awaitRoom();
    await bob.awaitSaved();
    expect(await storedRole(bob)).toBe("host");

    const tab = await bob.context.newPage();
    await tab.goto(bob.page.url());
    await expect(tab.getByLabel("Room title")).toBeVisible();
    await expect(tab.getByRole("button", { name: "Share", exact: true })).toBeVisible();
    await tab.goto(server.url);
    await tab.getByRole("region", { name: "Recent rooms" }).getByRole("link").first().click();
    await expect(tab.getByLabel("Room title")).toBeVisible();
    expect(tab.url()).toBe(address);
    // If the host link is pasted into a page that has the room open, the page replaces the key in the address again.
    await tab.evaluate((hash) => {
      location.hash = hash;
    }, new URL(host).hash);
    await expect.poll(() => tab.url()).toBe(address);
    await expect(tab.getByLabel("Room title")).toBeVisible();
    await tab.close();

    // The owner goes to the front page and returns.
    await ada.page.goBack();
    await expect(ada.page.getByRole("heading", { name: "Prompt it together." })).toBeVisible();
    await ada.page.goForward();
    await ada.awaitRoom();
    expect(ada.page.url()).toBe(address);
    await ada.awaitSaved();
  },
);

test(
  "the key of an invitation stays in the address bar, also for a host",
  tagged(false),
  async ({ arrive, server }) => {
    const ada = await arrive("Ada");
    const bob = await arrive("Bob");
    await ada.openRoom(server.url, "Invited");
    const shareDialog = await openShareDialog(ada);
    await shareDialog.getByLabel("Role", { exact: true }).selectOption("host");
    await shareDialog.getByRole("button", { name: "Invite" }).click();
    const field = shareDialog.getByRole("region", { name: "Invitations" }).getByRole("textbox").first();
    const invitation = await field.inputValue();
    await bob.follow(invitation);
    await bob.awaitSaved();
    expect(bob.page.url()).toBe(invitation);
    expect(await storedRole(bob)).toBe("host");
  },
);

test("an owner who lost the browser returns with the recovery key, and the previous owner identity becomes a player", async ({
  arrive,
  server,
}) => {
  const oldOwner = await arrive("Ada");
  oldOwner.ignoresNetworkErrors = true;
  const address = await oldOwner.openRoom(server.url, "Lost");
  await oldOwner.awaitSaved();
  const shareDialog = await openShareDialog(oldOwner);
  await shareDialog.getByRole("button", { name: "Make a recovery key" }).click();
  const key = await shareDialog.getByRole("textbox", { name: /Recovery key/ }).inputValue();
  expect(key).toMatch(/^rec_[A-Za-z0-9]{22}$/);
  await oldOwner.page.keyboard.press("Escape");

  const newPerson = await arrive("Ada two");
  newPerson.ignoresNetworkErrors = true;
  await newPerson.page.goto(address);
  await newPerson.page.getByLabel("Your name in this room").fill("Ada two");
  await newPerson.page.getByRole("button", { name: "I have a recovery key" }).click();
  const field = newPerson.page.getByLabel("Recovery key of this room");
  await field.fill("rec_wrong");
  await field.press("Enter");
  await expect(newPerson.page.getByRole("alert")).toHaveText("That is not the recovery key of this room.");
  await field.fill(` ${key} `);
  await field.press("Enter");
  await newPerson.awaitRoom();
  await newPerson.awaitSaved();
  expect(await storedRole(newPerson)).toBe("host");

  await expect(oldOwner.page.getByText("You're a player now: you can play and write.").first()).toBeVisible({
    timeout: 10_000,
  });
  const listed = await openPeople(newPerson.page);
  await expect(listed.getByRole("listitem").filter({ hasText: "Ada two (you)" })).toContainText(
    "host · owner",
  );
  await newPerson.page.keyboard.press("Escape");
  await oldOwner.page.reload();
  await oldOwner.awaitRoom();
  await oldOwner.awaitSaved();
  expect(await storedRole(oldOwner)).toBe("player");

  // An address without a key and the recovery key are enough.
  const third = await arrive("Ada three");
  third.ignoresNetworkErrors = true;
  await third.page.goto(address.replace(/#.*/, ""));
  await third.page.getByRole("button", { name: "I have a recovery key" }).click();
  await third.page.getByLabel("Recovery key of this room").fill(key);
  await third.page.getByLabel("Recovery key of this room").press("Enter");
  await third.awaitRoom();
  await third.awaitSaved();
  expect(await storedRole(third)).toBe("host");
});

test("in a browser that cannot store data, the owner is shown the recovery key before the host key leaves the address", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  await ada.page.addInitScript(() => {
    Storage.prototype.getItem = () => null;
    Storage.prototype.setItem = () => {
      throw new DOMException("blocked", "SecurityError");
    };
  });
  await ada.openRoom(server.url, "Nothing kept");
  const notice = ada.page.getByRole("region", { name: "Recovery key" });
  await expect(notice).toContainText("This browser keeps nothing");
  const key = (await notice.locator("code").textContent()) ?? "";
  expect(key).toMatch(/^rec_/);
  const host = await linkFor(ada, "host");
  expect(ada.page.url()).toBe(host);
  await notice.getByRole("button", { name: "I have kept it" }).click();
  await expect(notice).toBeHidden();
  expect(ada.page.url()).toBe(await linkFor(ada, "player"));
  await ada.awaitSaved();

  // After a reload the page has a new identity. The recovery key makes it the owner again.
  await ada.page.reload();
  await ada.page.getByRole("button", { name: "I have a recovery key" }).click();
  await ada.page.getByLabel("Recovery key of this room").fill(key);
  await ada.page.getByLabel("Recovery key of this room").press("Enter");
  await ada.awaitRoom();
  const listed = await openPeople(ada.page);
  await expect(listed.getByRole("listitem").filter({ hasText: "(you)" })).toContainText("host · owner");
});
