import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import { linkFor } from "./support/inside";
import type { Person } from "./support/person";

const keyIn = (url: string): string => new URL(url).hash.replace("#k=", "");

/** The list of people behind the avatars in the header. */
async function people(page: Page) {
  await page
    .getByRole("region", { name: "People" })
    .getByRole("button", { name: /(person|people) here/ })
    .click();
  return page.getByRole("dialog");
}

const menuAbout = (page: Page, name: string) =>
  page.getByRole("dialog").getByRole("button", { name: `${name}: role and removal` });

async function share(person: Person) {
  await person.page.getByRole("button", { name: "Share" }).click();
  return person.page.getByRole("dialog", { name: "Bring someone in" });
}

/** The role that the server gives this page, asked with a ticket. */
const roleNow = (person: Person) =>
  person.page.evaluate(() => JSON.parse(localStorage.getItem("parlor.rooms") ?? "[]")[0]?.role as string);

test("a second person who opens the creator's address is a player, and the creator is never locked out", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  bob.forgivesNetwork = true;
  const address = await ada.openRoom(server.url, "Mine");
  await ada.saved();
  const host = await linkFor(ada, "host");
  expect(keyIn(address)).toBe(keyIn(await linkFor(ada, "player")));

  await bob.follow(address);
  await bob.saved();
  expect(bob.page.url(), "everybody else keeps the key that they came by").toBe(address);
  const listed = await people(bob.page);
  await expect(listed.getByRole("listitem").filter({ hasText: "Bob (you)" })).toContainText("player");
  await expect(listed.getByRole("listitem").filter({ hasText: "Ada" })).toContainText("host · owner");
  await expect(menuAbout(bob.page, "Ada")).toBeHidden();
  await bob.page.keyboard.press("Escape");

  // With the host link from Share the second person is a host, and his address shows the player link too.
  await bob.page.goto(host);
  await bob.inside();
  await expect.poll(() => bob.page.url()).toBe(address);
  await bob.saved();
  expect(await roleNow(bob)).toBe("host");
  await people(bob.page);
  await expect(menuAbout(bob.page, "Ada"), "nobody removes the owner").toBeHidden();
  await bob.page.keyboard.press("Escape");
  const offers = await share(bob);
  await offers.getByRole("button", { name: "End the link: Host" }).click();
  await offers.getByRole("button", { name: "End it" }).click();
  await expect.poll(() => linkFor(bob, "host")).not.toBe(host);

  // The creator keeps her role: in the open page, after a reload, and by the ended link.
  await ada.saved();
  await ada.page.reload();
  await ada.inside();
  await ada.saved();
  expect(await roleNow(ada)).toBe("host");
  await ada.page.goto("about:blank");
  await ada.page.goto(host);
  await ada.inside();
  await expect.poll(() => ada.page.url()).toBe(address);
  await ada.saved();
  expect(await roleNow(ada)).toBe("host");

  // Only the creator can demote the second host.
  await people(ada.page);
  await menuAbout(ada.page, "Bob").click();
  await ada.page.getByRole("menuitem", { name: "Let play" }).click();
  await expect(bob.page.getByText("You can play and write here now.").first()).toBeVisible({
    timeout: 10_000,
  });
  // A link does not make him a host again: his membership says player, also with the ended link.
  await bob.page.goto("about:blank");
  await bob.page.goto(host);
  await expect.poll(() => bob.page.url()).toBe(address);
  await bob.inside();
  await bob.saved();
  expect(await roleNow(bob)).toBe("player");
});

test("the owner's address survives a reload, a second tab, back and forward, and the list of rooms", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  const address = await ada.openRoom(server.url, "Everywhere");
  await ada.saved();
  const host = await linkFor(ada, "host");

  // A second person comes by the host link. The key leaves the address, and the page continues without a reload.
  await bob.page.goto(server.url);
  await bob.page.goto(host);
  await bob.page.getByLabel("Your name in this room").fill("Bob");
  await bob.page.getByLabel("Your name in this room").press("Enter");
  await bob.inside();
  await expect.poll(() => bob.page.url()).toBe(address);
  const written = await bob.page.evaluate(() => {
    (window as unknown as { stays: boolean }).stays = true;
    return JSON.stringify(localStorage);
  });
  expect(written, "the host's key is nowhere in this browser").not.toContain(keyIn(host));
  await bob.saved();

  await bob.page.goBack();
  await expect(bob.page.getByRole("heading", { name: "Prompt it together." })).toBeVisible();
  await bob.page.goForward();
  await bob.inside();
  expect(bob.page.url()).toBe(address);
  await bob.page.reload();
  await bob.inside();
  await bob.saved();
  expect(await roleNow(bob)).toBe("host");

  const tab = await bob.context.newPage();
  await tab.goto(bob.page.url());
  await expect(tab.getByLabel("Room title")).toBeVisible();
  await expect(tab.getByRole("button", { name: "Share" })).toBeVisible();
  await tab.goto(server.url);
  await tab.getByRole("region", { name: "Rooms you were in" }).getByRole("link").first().click();
  await expect(tab.getByLabel("Room title")).toBeVisible();
  expect(tab.url()).toBe(address);
  // The host link pasted into a page with the room already open leaves the address again.
  await tab.evaluate((hash) => {
    location.hash = hash;
  }, new URL(host).hash);
  await expect.poll(() => tab.url()).toBe(address);
  await expect(tab.getByLabel("Room title")).toBeVisible();
  await tab.close();

  // The creator goes to the front page and returns.
  await ada.page.goBack();
  await expect(ada.page.getByRole("heading", { name: "Prompt it together." })).toBeVisible();
  await ada.page.goForward();
  await ada.inside();
  expect(ada.page.url()).toBe(address);
  await ada.saved();
});

test("the key of an invitation stays in the address, also for a host", async ({ arrive, server }) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await ada.openRoom(server.url, "Invited");
  const offers = await share(ada);
  await offers.getByLabel("Role", { exact: true }).selectOption("host");
  await offers.getByRole("button", { name: "Invite" }).click();
  const field = offers.getByRole("region", { name: "Invitations" }).getByRole("textbox").first();
  const invitation = await field.inputValue();
  await bob.follow(invitation);
  await bob.saved();
  expect(bob.page.url()).toBe(invitation);
  expect(await roleNow(bob)).toBe("host");
});

test("an owner who lost the browser returns with the recovery key, and the previous owner identity becomes a player", async ({
  arrive,
  server,
}) => {
  const old = await arrive("Ada");
  old.forgivesNetwork = true;
  const address = await old.openRoom(server.url, "Lost");
  await old.saved();
  const offers = await share(old);
  await offers.getByRole("button", { name: "Make a recovery key" }).click();
  const key = await offers.getByRole("textbox", { name: /Recovery key/ }).inputValue();
  expect(key).toMatch(/^rec_[A-Za-z0-9]{22}$/);
  await old.page.keyboard.press("Escape");

  const fresh = await arrive("Ada two");
  fresh.forgivesNetwork = true;
  await fresh.page.goto(address);
  await fresh.page.getByLabel("Your name in this room").fill("Ada two");
  await fresh.page.getByRole("button", { name: "I have a recovery key" }).click();
  const field = fresh.page.getByLabel("Recovery key of this room");
  await field.fill("rec_wrong");
  await field.press("Enter");
  await expect(fresh.page.getByRole("alert")).toHaveText("That is not the recovery key of this room.");
  await field.fill(` ${key} `);
  await field.press("Enter");
  await fresh.inside();
  await fresh.saved();
  expect(await roleNow(fresh)).toBe("host");

  await expect(old.page.getByText("You can play and write here now.").first()).toBeVisible({
    timeout: 10_000,
  });
  const listed = await people(fresh.page);
  await expect(listed.getByRole("listitem").filter({ hasText: "Ada two (you)" })).toContainText(
    "host · owner",
  );
  await fresh.page.keyboard.press("Escape");
  await old.page.reload();
  await old.inside();
  await old.saved();
  expect(await roleNow(old)).toBe("player");

  // Without a key in the address, the room's name and the recovery key are enough.
  const third = await arrive("Ada three");
  third.forgivesNetwork = true;
  await third.page.goto(address.replace(/#.*/, ""));
  await third.page.getByRole("button", { name: "I have a recovery key" }).click();
  await third.page.getByLabel("Recovery key of this room").fill(key);
  await third.page.getByLabel("Recovery key of this room").press("Enter");
  await third.inside();
  await third.saved();
  expect(await roleNow(third)).toBe("host");
});

test("if the browser stores nothing, the owner sees the recovery key before the address changes", async ({
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
  await ada.saved();

  // After a reload the page has a new identity. The recovery key makes it the owner again.
  await ada.page.reload();
  await ada.page.getByRole("button", { name: "I have a recovery key" }).click();
  await ada.page.getByLabel("Recovery key of this room").fill(key);
  await ada.page.getByLabel("Recovery key of this room").press("Enter");
  await ada.inside();
  const listed = await people(ada.page);
  await expect(listed.getByRole("listitem").filter({ hasText: "(you)" })).toContainText("host · owner");
});
