import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./support/fixtures";
import { afterFrames } from "./support/frames";
import { type Person, placeOf } from "./support/person";

// Each person has a separate Chromium process, as real people have.
test.use({ ownChromium: true });

/** Runs Axe with all its rules. A violation of any severity fails the test. */
async function expectNoAxeViolations(page: import("@playwright/test").Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`,
  );
  expect(found, `axe on ${screen}`).toEqual([]);
}

/** Waits until both pages show the window Output at the same place. */
async function expectSamePlace(one: Person, other: Person): Promise<void> {
  await expect(async () => {
    expect(await placeOf(one.region("Output"))).toEqual(await placeOf(other.region("Output")));
  }).toPass({ timeout: 10_000 });
}

test("a new person creates a room with one field, joins with one more, and finds the room again [U1]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const link = await ada.openRoom(server.url, "Launch page copy");
  expect(link).toMatch(/\/r\/[A-Za-z0-9]{20,}#k=[A-Za-z0-9_-]{20,}$/);
  await expect(ada.page.getByLabel("Room title")).toHaveValue("Launch page copy");
  for (const name of ["Stack", "Output", "Chat", "Note: Shared notes", "People"]) {
    await expect(ada.region(name)).toBeVisible();
  }
  expect((await ada.stack()).length).toBe(2);
  await ada.awaitSaved();

  await ada.page.getByRole("link", { name: "Parlor, all rooms" }).click();
  await ada.page.getByRole("link", { name: /Launch page copy/ }).click();
  await ada.awaitRoom();
  await ada.page.reload();
  await ada.awaitRoom();
  expect(ada.page.url()).toBe(link);

  // A link to a room that does not exist says so, before it asks for a name.
  ada.ignoresNetworkErrors = true;
  await ada.page.goto(`${server.url}/r/${"x".repeat(22)}#k=${"y".repeat(22)}`);
  await expect(ada.page.getByRole("heading", { name: "We can't find this room" })).toBeVisible();
  await expect(ada.page.getByLabel("Your name in this room")).toHaveCount(0);
});

test("two people see the same windows, title and people, and the changes of each other", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  const link = await ada.openRoom(server.url, "Two of us");
  await bob.follow(link);
  await expect(
    ada.region("People").getByRole("button", { name: "2 people here: Ada (you), Bob" }),
  ).toBeVisible();
  await expect(
    bob.region("People").getByRole("button", { name: "2 people here: Bob (you), Ada" }),
  ).toBeVisible();

  const adaOutput = ada.region("Output");
  const bobOutput = bob.region("Output");
  expect(await placeOf(bobOutput)).toEqual(await placeOf(adaOutput));

  await ada.drag(adaOutput, 60, 48);
  const moved = await placeOf(adaOutput);
  await expect.poll(() => placeOf(bobOutput)).toEqual(moved);

  // A core window is closed for one person; a note is closed for all, who are told.
  await ada.page.getByRole("button", { name: "Close Chat" }).click();
  await expect(ada.region("Chat")).toBeHidden();
  await expect(ada.page.locator("[data-windows-menu]")).toBeFocused();
  await ada.page.getByRole("button", { name: "Close Shared notes" }).click();
  const told = bob.page.locator(".notice", { hasText: "Ada closed Shared notes" });
  await expect(told).toBeVisible();
  await expect(bob.region("Chat")).toBeVisible();
  await expect(bob.region("Note: Shared notes")).toBeHidden();
  await told.getByRole("button", { name: "Undo" }).click();
  await expect(ada.region("Note: Shared notes")).toBeVisible();
  await ada.page.getByRole("button", { name: "Windows" }).click();
  await ada.page.getByRole("menuitem", { name: "Reset layout" }).click();
  await expect(ada.region("Chat")).toBeVisible();
  // A double click on a title bar lets the window fill the desk for this person alone.
  const bobChat = await placeOf(bob.region("Chat"));
  await ada.page.getByRole("button", { name: "Maximise Chat" }).click();
  await expect.poll(async () => (await placeOf(ada.region("Chat"))).width).toBeGreaterThan(1_300);
  expect(await placeOf(bob.region("Chat"))).toEqual(bobChat);
  await ada.page.getByRole("button", { name: "Restore Chat" }).click();

  const title = ada.page.getByLabel("Room title");
  await title.fill("Three of us");
  await expect(bob.page.getByLabel("Room title")).toHaveValue("Three of us");

  await bob.note().click();
  await ada.page.getByRole("button", { name: /people here/ }).click();
  await expect(ada.page.locator(".person", { hasText: "Bob" })).toContainText("in Shared notes");
  await ada.page.keyboard.press("Escape");

  await bob.leave();
  await expect(ada.region("People").getByRole("button", { name: "1 person here: Ada (you)" })).toBeVisible();
});

test("a drag is one change of the document and few frames; a cursor without other people sends nothing", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  let frames = 0;
  ada.page.on("websocket", (socket) => socket.on("framesent", () => frames++));
  const link = await ada.openRoom(server.url, "Quiet wires");
  await ada.awaitSaved();
  await afterFrames(ada.page, 60);

  frames = 0;
  for (let i = 0; i < 60; i++) await ada.page.mouse.move(500 + i * 4, 300 + i, { steps: 2 });
  await afterFrames(ada.page, 12);
  expect(frames, "frames while alone").toBe(0);

  const bob = await arrive("Bob");
  await bob.follow(link);
  await expect(ada.region("People").getByRole("button", { name: /2 people here/ })).toBeVisible();
  await afterFrames(ada.page, 60);
  frames = 0;
  const before = Date.now();
  await ada.drag(ada.region("Output"), 80, 60, 120);
  const seconds = (Date.now() - before) / 1_000;
  await ada.awaitSaved();
  expect(frames, "frames of a drag").toBeLessThanOrEqual(Math.ceil(Math.max(1, seconds) * 62));

  await ada.page.mouse.move(700, 500, { steps: 10 });
  await expect(bob.page.locator(".cursor", { hasText: "Ada" })).toBeVisible();
  await ada.leave();
  await expect(bob.page.locator(".cursor")).toHaveCount(0);
});

test("cursors point at the same content on screens of different size", async ({ arrive, server }) => {
  const ada = await arrive("Ada", { width: 1440, height: 900 });
  const bob = await arrive("Bob", { width: 1024, height: 768, reducedMotion: "reduce" });
  await bob.follow(await ada.openRoom(server.url, "Two screens"));
  await expect(ada.region("People").getByRole("button", { name: /2 people here/ })).toBeVisible();
  const adaChat = await placeOf(ada.region("Chat"));
  await ada.page.mouse.move(adaChat.x + adaChat.width * 0.25, adaChat.y + adaChat.height * 0.5, { steps: 6 });
  const bobChat = await placeOf(bob.region("Chat"));
  const cursor = bob.page.locator(".cursor", { hasText: "Ada" });
  await expect(cursor).toBeVisible();
  await expect(async () => {
    const box = await cursor.locator("svg").boundingBox();
    expect(Math.abs((box?.x ?? 0) - (bobChat.x + bobChat.width * 0.25))).toBeLessThan(6);
    expect(Math.abs((box?.y ?? 0) - (bobChat.y + bobChat.height * 0.5))).toBeLessThan(6);
  }).toPass({ timeout: 10_000 });
});

test("both people edit the same note, cards and window offline; after the return nothing is lost and the pages are equal", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Tunnel"));
  await ada.note().click();
  await ada.page.keyboard.type("Lead with the tunnel.");
  await expect.poll(() => bob.noteText()).toBe("Lead with the tunnel.");
  await ada.awaitSaved();
  await bob.awaitSaved();
  // The service worker serves the page offline, so it must be installed before the network is off.
  for (const person of [ada, bob])
    await person.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

  await ada.setOffline(true);
  await bob.setOffline(true);
  await expect(ada.state).toHaveText(/^Offline/);

  await ada.note().click();
  await ada.page.keyboard.press("Control+Home");
  await ada.page.keyboard.type("ADA ");
  await bob.note().click();
  await bob.page.keyboard.press("Control+End");
  await bob.page.keyboard.type(" BOB");
  await ada.drag(ada.region("Output"), 40, 30);
  await bob.drag(bob.region("Output"), 90, 10);
  await expect(ada.state).toHaveText(/^Offline, \d+ changes kept here$/);

  await expect(bob.state).toHaveText(/^Offline, \d+ changes kept here$/);
  await bob.page.reload();
  await bob.awaitRoom();
  await expect.poll(() => bob.noteText()).toBe("Lead with the tunnel. BOB");
  await expect(bob.state).toHaveText(/^Offline, \d+ changes? kept here$/);

  await ada.setOffline(false);
  await bob.setOffline(false);
  await ada.awaitSaved();
  await bob.awaitSaved();
  await expect.poll(() => ada.noteText()).toBe("ADA Lead with the tunnel. BOB");
  await expect.poll(() => bob.noteText()).toBe("ADA Lead with the tunnel. BOB");
  expect(await ada.stack()).toEqual(await bob.stack());
  await expectSamePlace(ada, bob);

  const chip = ada.page.getByTestId("conflict");
  await expect(chip).toContainText("both moved this");
  await expect(bob.page.getByTestId("conflict")).toBeVisible();
  const before = await placeOf(ada.region("Output"));
  await chip.click();
  await ada.page.getByRole("button", { name: /The other position/ }).click();
  await expect(ada.page.getByTestId("conflict")).toBeHidden();
  await expect(bob.page.getByTestId("conflict")).toBeHidden();
  await expect.poll(() => placeOf(ada.region("Output"))).not.toEqual(before);
  await expectSamePlace(ada, bob);
});

test("the state pill shows the correct state while the server crashes and restarts [U4]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Honest");
  await ada.awaitSaved();
  ada.ignoresNetworkErrors = true;
  await server.down("SIGKILL");
  await expect(ada.state).toHaveText("Reconnecting…");
  await ada.note().click();
  await ada.page.keyboard.type("kept");
  await expect(ada.state).toHaveText(/^Offline, \d+ changes? kept here$/, { timeout: 12_000 });
  await server.up();
  await expect(ada.state).toHaveText("Back online, all changes saved", { timeout: 20_000 });
  await expect(ada.state).toHaveText("Saved");
  await ada.page.reload();
  await ada.awaitRoom();
  await expect.poll(() => ada.noteText()).toBe("kept");
});

test("a spectator's link shows everything and changes nothing; Share copies links [U21]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Look, do not touch");
  await ada.page.getByRole("button", { name: "Share" }).click();
  await ada.page.getByRole("button", { name: "Copy the link: Spectator" }).click();
  await expect(ada.page.getByTestId("announcer")).toHaveText(/Copied/);
  const link = await ada.page.evaluate(() => navigator.clipboard.readText());
  await ada.page.keyboard.press("Escape");

  const eve = await arrive("Eve");
  await eve.follow(link);
  await expect(eve.page.getByRole("button", { name: "Close Shared notes" })).toBeDisabled();
  await expect(eve.page.getByRole("button", { name: "Close Chat" })).toBeEnabled();
  await expect(eve.page.getByLabel("Room title")).toHaveAttribute("readonly", "");
  const before = await placeOf(eve.region("Output"));
  await eve.drag(eve.region("Output"), 80, 40);
  expect(await placeOf(eve.region("Output"))).toEqual(before);
  await expect(eve.state).toHaveText("Saved");
});

test("the keyboard controls windows, undo takes back own edits, and F6 cycles through the regions [U6, U15]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  await ada.openRoom(server.url, "Keys");
  const chat = ada.region("Chat");
  const before = await placeOf(chat);
  await chat.getByRole("button", { name: "Chat: window menu" }).focus();
  await ada.page.keyboard.press("Enter");
  await ada.page.getByRole("menuitem", { name: "Move with arrow keys" }).press("Enter");
  await expect(chat).toBeFocused();
  for (let i = 0; i < 3; i++) await ada.page.keyboard.press("ArrowLeft");
  await ada.page.keyboard.press("ArrowDown");
  await ada.page.keyboard.press("Enter");
  const after = await placeOf(chat);
  expect([before.x - after.x, after.y - before.y]).toEqual([48, 16]);

  await ada.page.keyboard.press("Control+z");
  await expect.poll(() => placeOf(chat)).toEqual(before);
  await expect(ada.page.getByTestId("announcer")).toHaveText(/Undid: Place window/);
  await ada.page.keyboard.press("Control+Shift+z");
  await expect.poll(() => placeOf(chat)).toEqual(after);

  await chat.getByRole("button", { name: "Minimise Chat" }).press("Enter");
  await expect(chat).toBeHidden();
  const chip = ada.page.getByRole("button", { name: "Open Chat" });
  await expect(chip).toBeFocused();
  await chip.press("Enter");
  await expect(ada.region("Chat")).toBeFocused();

  const focused = new Set<string>();
  for (let i = 0; i < 9; i++) {
    await ada.page.keyboard.press("F6");
    focused.add(
      await ada.page.evaluate(
        () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.className ?? "",
      ),
    );
  }
  for (const name of ["top", "Stack", "Output", "Chat", "Note: Shared notes", "Hand and question"])
    expect([...focused]).toContain(name);
});

test("the page has no accessibility findings, in light and dark, on desk and phone [U14, U16]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  await ada.page.goto(server.url);
  await expectNoAxeViolations(ada.page, "the front page");
  await ada.openRoom(server.url, "For everyone");
  await ada.awaitSaved();
  for (const scheme of ["light", "dark"] as const) {
    await ada.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await expectNoAxeViolations(ada.page, `the room, ${scheme}`);
  }
  await ada.page.getByRole("button", { name: "Share" }).click();
  await expect(ada.page.getByRole("textbox", { name: /^Player/ })).toBeVisible();
  await expectNoAxeViolations(ada.page, "the share dialog");
  await ada.page.keyboard.press("Escape");
  await ada.page.setViewportSize({ width: 390, height: 844 });
  for (const tab of ["Output", "Stack", "Windows", "Chat"]) {
    await ada.page.getByRole("tab", { name: tab }).click();
    await expectNoAxeViolations(ada.page, `the phone's ${tab}`);
  }
});

test("the theme is remembered and set before the first paint [U18]", async ({ arrive, server }) => {
  const ada = await arrive("Ada");
  await ada.page.goto(server.url);
  await ada.page.getByRole("button", { name: "Theme" }).click();
  await ada.page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(ada.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await ada.page.reload({ waitUntil: "commit" });
  await ada.page.waitForSelector("body", { state: "attached" });
  expect(await ada.page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
});

test("people are listed with name, state, role and place, not by colour alone", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Who is here"));
  await bob.note().click();
  await ada.page.getByRole("button", { name: "2 people here: Ada (you), Bob" }).click();
  const people = ada.page.getByRole("listitem");
  await expect(people.filter({ hasText: "Ada (you)" })).toContainText("online");
  await expect(people.filter({ hasText: "Ada (you)" })).toContainText("host · owner");
  await expect(people.filter({ hasText: "Bob" })).toContainText("online · in Shared notes · player");
  const colors = await ada.page
    .locator(".people-list .avatar")
    .evaluateAll((all) => all.map((each) => getComputedStyle(each).getPropertyValue("--c").trim()));
  expect(new Set(colors).size).toBe(2);
});
