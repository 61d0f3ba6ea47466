import { expect, type Locator, test } from "@playwright/test";
import { tagged } from "../support/tags";
import { enter, newRoom, type Participant, pair } from "./people";

/*
 * Undo has one history of a person's own edits, in order of time. It covers fields and texts, and works in every part of
 * the page. The tests insert a text at once, because letters with a pause of 600 ms between them would be two steps.
 */

/** A limit below the 9 s after which a message with a button disappears by itself. */
const DISAPPEARS_MS = 6_000;

const unmuteButton = (card: Locator) => card.getByRole("button", { name: "Unmute" });

async function clickCardButton(card: Locator, name: string): Promise<void> {
  await card.hover();
  await card.getByRole("button", { name, exact: true }).click();
}

async function arrangeWindows(person: Participant, layout: string): Promise<void> {
  await person.page.locator("[data-windows-menu]").click();
  await person.page.getByRole("menuitem", { name: layout }).click();
}

const notice = (person: Participant, text: string): Locator =>
  person.page.locator(".notice").filter({ hasText: text });

/** The positions of all windows, as text that can be compared. */
async function windowPlaces(person: Participant): Promise<string> {
  return person.page
    .locator("[data-window]")
    .evaluateAll((all) =>
      JSON.stringify(
        all.map((each) => [each.getAttribute("data-window"), each.getAttribute("style")]).sort(),
      ),
    );
}

test("undo after a text edit takes back the text, not the older mute", async ({ browser, request }) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwnCard("Tone", "Quokka");
  await amber.playOwnCard("Tone", "Walrus");
  await clickCardButton(amber.card("Quokka"), "Mute");
  await expect(unmuteButton(quiet.card("Quokka"))).toHaveCount(1);
  await clickCardButton(amber.card("Walrus"), "Edit text");
  await amber.page.keyboard.press("End");
  await amber.page.keyboard.insertText(" ZZZ");
  await expect(quiet.card("Walrus ZZZ")).toBeVisible();
  await amber.page.keyboard.press("Escape");

  await amber.page.keyboard.press("Control+z");
  await expect(quiet.card("ZZZ")).toHaveCount(0);
  await expect(amber.card("Walrus")).toBeVisible();
  await expect(unmuteButton(amber.card("Quokka"))).toHaveCount(1);
  await amber.page.keyboard.press("Control+z");
  await expect(unmuteButton(quiet.card("Quokka"))).toHaveCount(0);
  await amber.page.keyboard.press("Control+Shift+z");
  await amber.page.keyboard.press("Control+Shift+z");
  await expect(quiet.card("Walrus ZZZ")).toBeVisible();
  await expect(unmuteButton(quiet.card("Quokka"))).toHaveCount(1);
  await amber.leave();
  await quiet.leave();
});

test("undo has one history for a note, the title and the rest of the page, and keeps other people's letters", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwnCard("Tone", "Quokka");
  const title = amber.page.getByLabel("Room title");
  await amber.note("Shared notes").click();
  await amber.page.keyboard.insertText("mine");
  await title.click();
  await amber.page.keyboard.press("End");
  await amber.page.keyboard.insertText(" two");
  await expect(quiet.page.getByLabel("Room title")).toHaveValue("Launch page copy two");
  await clickCardButton(amber.card("Quokka"), "Mute");
  await quiet.note("Shared notes").click();
  await quiet.page.keyboard.press("Control+Home");
  await quiet.page.keyboard.insertText("theirs ");
  await quiet.page.keyboard.press("ArrowRight");
  await quiet.page.keyboard.press("ArrowRight");
  await quiet.page.keyboard.insertText("|");
  await expect.poll(() => amber.noteText("Shared notes")).toBe("theirs mi|ne");

  await amber.note("Shared notes").click();
  await amber.page.keyboard.press("Control+z");
  await expect(unmuteButton(quiet.card("Quokka"))).toHaveCount(0);
  await amber.page.keyboard.press("Control+z");
  await expect(quiet.page.getByLabel("Room title")).toHaveValue("Launch page copy");
  await expect.poll(() => amber.noteText("Shared notes")).toBe("theirs mi|ne");
  await title.click();
  await amber.page.keyboard.press("Control+z");
  await expect.poll(() => quiet.noteText("Shared notes")).toBe("theirs |");
  await expect.poll(() => amber.noteText("Shared notes")).toBe("theirs |");
  for (let i = 0; i < 3; i++) await amber.page.keyboard.press("Control+y");
  await expect.poll(async () => (await quiet.noteText("Shared notes")).replace("|", "")).toBe("theirs mine");
  await expect(title).toHaveValue("Launch page copy two");
  await expect(unmuteButton(quiet.card("Quokka"))).toHaveCount(1);
  await amber.leave();
  await quiet.leave();
});

test(
  "undo reopens a closed window and then removes the text of its note, also after a lost connection",
  tagged(false),
  async ({ browser, request }) => {
    const { amber, quiet } = await pair(browser, request);
    await amber.note("Shared notes").click();
    await amber.page.keyboard.insertText("mine");
    const noteWindow = amber.page.getByRole("region", { name: "Note: Shared notes" });
    await noteWindow.getByRole("button", { name: /Close/ }).click();
    await expect(noteWindow).toHaveCount(0);
    await amber.setOffline(true);
    await amber.setOffline(false);
    await amber.awaitSaved();
    await amber.page.keyboard.press("Control+z");
    await expect(noteWindow).toBeVisible();
    await expect.poll(() => amber.noteText("Shared notes")).toBe("mine");
    await quiet.note("Shared notes").click();
    await quiet.page.keyboard.press("Control+Home");
    await quiet.page.keyboard.insertText("theirs ");
    await expect.poll(() => amber.noteText("Shared notes")).toBe("theirs mine");
    await noteWindow.getByRole("button", { name: /Minimise/ }).click();
    await expect(noteWindow).toHaveCount(0);
    await quiet.awaitSaved();
    await amber.page.keyboard.press("Control+z");
    await expect(noteWindow).toBeVisible();
    await amber.page.keyboard.press("Control+z");
    await expect.poll(() => quiet.noteText("Shared notes")).toBe("theirs ");
    await amber.leave();
    await quiet.leave();
  },
);

test(
  "the Undo button in the message of a layout undoes that layout, but never a later one",
  tagged(false),
  async ({ browser, request }) => {
    const { amber, quiet } = await pair(browser, request);
    const initial = await windowPlaces(amber);
    await arrangeWindows(amber, "Tile");
    await expect.poll(() => windowPlaces(amber)).not.toBe(initial);
    const tiled = await windowPlaces(amber);
    await arrangeWindows(amber, "Cascade");
    await expect.poll(() => windowPlaces(amber)).not.toBe(tiled);
    const cascaded = await windowPlaces(amber);
    // One message is shown at a time; the older one comes back when the newer one is dismissed.
    await expect(notice(amber, "Windows tiled")).toHaveCount(0);
    await notice(amber, "Windows cascaded").getByRole("button", { name: "Dismiss" }).click();
    await notice(amber, "Windows tiled").getByRole("button", { name: "Undo" }).click();
    await expect(notice(amber, "Tile can no longer be undone")).toBeVisible();
    await expect(notice(amber, "Windows tiled")).toHaveCount(0);
    expect(await windowPlaces(amber)).toBe(cascaded);
    await amber.page.keyboard.press("Control+z");
    await expect.poll(() => windowPlaces(amber)).toBe(tiled);

    // The Undo button keeps later steps in other parts. Undo by key also removes the message.
    await arrangeWindows(amber, "Cascade");
    const stack = amber.page.getByRole("region", { name: "Stack", exact: true });
    await stack.locator(".window-bar").click({ position: { x: 60, y: 10 } }); // the Stack comes to the front
    await clickCardButton(amber.card("Plain and warm"), "Mute");
    await notice(amber, "Windows cascaded").getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => windowPlaces(amber)).toBe(tiled);
    await expect(quiet.card("Plain and warm")).toContainText("muted");
    await arrangeWindows(amber, "Cascade");
    await expect(notice(amber, "Windows cascaded")).toBeVisible();
    await amber.page.keyboard.press("Control+z");
    await expect.poll(() => windowPlaces(amber)).toBe(tiled);
    await expect(notice(amber, "Windows cascaded")).toHaveCount(0, { timeout: DISAPPEARS_MS });
    await amber.leave();
    await quiet.leave();
  },
);

test(
  "the message of a removed card disappears when the card is restored, by any means",
  tagged(false),
  async ({ browser, request }) => {
    const { amber, quiet } = await pair(browser, request);
    await amber.playOwnCard("Tone", "Quokka");
    const offer = notice(amber, "Card removed");
    const ways: (() => Promise<unknown>)[] = [
      () => amber.page.keyboard.press("Control+z"),
      () => amber.card("Quokka").getByRole("button", { name: "Restore" }).click(),
      () => quiet.card("Quokka").getByRole("button", { name: "Restore" }).click(),
      () => offer.getByRole("button", { name: "Restore" }).click(),
    ];
    for (const restore of ways) {
      await clickCardButton(amber.card("Quokka"), "Remove");
      await expect(offer).toBeVisible();
      await expect(quiet.card("Quokka")).toContainText("removed by Amber Otter");
      await restore();
      await expect(amber.card("Quokka")).not.toContainText("removed");
      await expect(offer).toHaveCount(0, { timeout: DISAPPEARS_MS });
    }
    await amber.leave();
    await quiet.leave();
  },
);

test("on a phone the menu undoes and redoes text", async ({ browser, request }) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  const title = amber.page.getByLabel("Room title");
  await title.click();
  await amber.page.keyboard.press("End");
  await amber.page.keyboard.insertText(" two");
  await expect(title).toHaveValue("Launch page copy two");
  const choose = async (name: string): Promise<void> => {
    await amber.page.getByRole("button", { name: "More" }).click();
    await amber.page.getByRole("menuitem", { name, exact: true }).click();
  };
  await choose("Undo");
  await expect(title).toHaveValue("Launch page copy");
  await choose("Redo");
  await expect(title).toHaveValue("Launch page copy two");
  await amber.leave();
});
