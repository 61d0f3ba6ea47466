import { expect, type Locator, test } from "@playwright/test";
import { enter, newRoom, pair, type Someone } from "./people";

/*
 * Undo is one history in order of time. It covers fields and texts, works from every place of the page, and contains
 * own edits only. The tests insert a text at once: letters with a pause of 600 ms between them would be two steps.
 */

/** Less than the 9 s after which a message with a button goes by itself. */
const UNDONE_MS = 6_000;

const muted = (card: Locator) => card.getByRole("button", { name: "Unmute" });

async function act(card: Locator, name: string): Promise<void> {
  await card.hover();
  await card.getByRole("button", { name, exact: true }).click();
}

async function arrange(who: Someone, how: string): Promise<void> {
  await who.page.locator("[data-windows-menu]").click();
  await who.page.getByRole("menuitem", { name: how }).click();
}

const notice = (who: Someone, text: string): Locator => who.page.locator(".notice").filter({ hasText: text });

/** The places of all windows once no window moves. */
async function places(who: Someone): Promise<string> {
  return who.page
    .locator("[data-window]")
    .evaluateAll((all) =>
      JSON.stringify(
        all.map((each) => [each.getAttribute("data-window"), each.getAttribute("style")]).sort(),
      ),
    );
}

test("undo after a text edit takes back the text, not the older mute", async ({ browser, request }) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwn("Tone", "Quokka");
  await amber.playOwn("Tone", "Walrus");
  await act(amber.card("Quokka"), "Mute");
  await expect(muted(quiet.card("Quokka"))).toHaveCount(1);
  await act(amber.card("Walrus"), "Edit words");
  await amber.page.keyboard.press("End");
  await amber.page.keyboard.insertText(" ZZZ");
  await expect(quiet.card("Walrus ZZZ")).toBeVisible();
  await amber.page.keyboard.press("Escape");

  await amber.page.keyboard.press("Control+z");
  await expect(quiet.card("ZZZ")).toHaveCount(0);
  await expect(amber.card("Walrus")).toBeVisible();
  await expect(muted(amber.card("Quokka"))).toHaveCount(1);
  await amber.page.keyboard.press("Control+z");
  await expect(muted(quiet.card("Quokka"))).toHaveCount(0);
  await amber.page.keyboard.press("Control+Shift+z");
  await amber.page.keyboard.press("Control+Shift+z");
  await expect(quiet.card("Walrus ZZZ")).toBeVisible();
  await expect(muted(quiet.card("Quokka"))).toHaveCount(1);
  await amber.leave();
  await quiet.leave();
});

test("undo has one order for a note, the title and the rest of the page, and leaves other people's letters", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwn("Tone", "Quokka");
  const title = amber.page.getByLabel("Room title");
  await amber.note("Keep").click();
  await amber.page.keyboard.insertText("mine");
  await title.click();
  await amber.page.keyboard.press("End");
  await amber.page.keyboard.insertText(" two");
  await expect(quiet.page.getByLabel("Room title")).toHaveValue("Launch page copy two");
  await act(amber.card("Quokka"), "Mute");
  await quiet.note("Keep").click();
  await quiet.page.keyboard.press("Control+Home");
  await quiet.page.keyboard.insertText("theirs ");
  await quiet.page.keyboard.press("ArrowRight");
  await quiet.page.keyboard.press("ArrowRight");
  await quiet.page.keyboard.insertText("|");
  await expect.poll(() => amber.noteText("Keep")).toBe("theirs mi|ne");

  await amber.note("Keep").click();
  await amber.page.keyboard.press("Control+z");
  await expect(muted(quiet.card("Quokka"))).toHaveCount(0);
  await amber.page.keyboard.press("Control+z");
  await expect(quiet.page.getByLabel("Room title")).toHaveValue("Launch page copy");
  await expect.poll(() => amber.noteText("Keep")).toBe("theirs mi|ne");
  await title.click();
  await amber.page.keyboard.press("Control+z");
  await expect.poll(() => quiet.noteText("Keep")).toBe("theirs |");
  await expect.poll(() => amber.noteText("Keep")).toBe("theirs |");
  for (let i = 0; i < 3; i++) await amber.page.keyboard.press("Control+y");
  await expect.poll(async () => (await quiet.noteText("Keep")).replace("|", "")).toBe("theirs mine");
  await expect(title).toHaveValue("Launch page copy two");
  await expect(muted(quiet.card("Quokka"))).toHaveCount(1);
  await amber.leave();
  await quiet.leave();
});

test("undo reverses a window's closing and then the text of its note, also after a lost connection", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.note("Keep").click();
  await amber.page.keyboard.insertText("mine");
  const frame = amber.page.getByRole("region", { name: "Note: Keep" });
  await frame.getByRole("button", { name: /Close/ }).click();
  await expect(frame).toHaveCount(0);
  await amber.offline(true);
  await amber.offline(false);
  await amber.saved();
  await amber.page.keyboard.press("Control+z");
  await expect(frame).toBeVisible();
  await expect.poll(() => amber.noteText("Keep")).toBe("mine");
  await quiet.note("Keep").click();
  await quiet.page.keyboard.press("Control+Home");
  await quiet.page.keyboard.insertText("theirs ");
  await expect.poll(() => amber.noteText("Keep")).toBe("theirs mine");
  await frame.getByRole("button", { name: /Minimise/ }).click();
  await expect(frame).toHaveCount(0);
  await quiet.saved();
  await amber.page.keyboard.press("Control+z");
  await expect(frame).toBeVisible();
  await amber.page.keyboard.press("Control+z");
  await expect.poll(() => quiet.noteText("Keep")).toBe("theirs ");
  await amber.leave();
  await quiet.leave();
});

test("the Undo button of a layout's message undoes that layout and never a later one", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  const fresh = await places(amber);
  await arrange(amber, "Tile");
  await expect.poll(() => places(amber)).not.toBe(fresh);
  const tiled = await places(amber);
  await arrange(amber, "Cascade");
  await expect.poll(() => places(amber)).not.toBe(tiled);
  const cascaded = await places(amber);
  await notice(amber, "Tile: done").getByRole("button", { name: "Undo" }).click();
  await expect(notice(amber, "Tile can no longer be undone")).toBeVisible();
  await expect(notice(amber, "Tile: done")).toHaveCount(0);
  expect(await places(amber)).toBe(cascaded);
  await notice(amber, "Cascade: done").getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => places(amber)).toBe(tiled);

  // Later steps elsewhere stay. The message disappears when the step is undone by a key.
  await arrange(amber, "Cascade");
  await amber.playOwn("Tone", "Later");
  await notice(amber, "Cascade: done").getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => places(amber)).toBe(tiled);
  await expect(quiet.card("Later")).toBeVisible();
  await arrange(amber, "Cascade");
  await expect(notice(amber, "Cascade: done")).toBeVisible();
  await amber.page.keyboard.press("Control+z");
  await expect.poll(() => places(amber)).toBe(tiled);
  await expect(notice(amber, "Cascade: done")).toHaveCount(0, { timeout: UNDONE_MS });
  await amber.leave();
  await quiet.leave();
});

test("the message of a removed card disappears when the card is restored, by any means", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwn("Tone", "Quokka");
  const offer = notice(amber, "Card removed");
  const back: (() => Promise<unknown>)[] = [
    () => amber.page.keyboard.press("Control+z"),
    () => amber.card("Quokka").getByRole("button", { name: "Restore" }).click(),
    () => quiet.card("Quokka").getByRole("button", { name: "Restore" }).click(),
    () => offer.getByRole("button", { name: "Restore" }).click(),
  ];
  for (const way of back) {
    await act(amber.card("Quokka"), "Remove");
    await expect(offer).toBeVisible();
    await expect(quiet.card("Quokka")).toContainText("removed by Amber Otter");
    await way();
    await expect(amber.card("Quokka")).not.toContainText("removed");
    await expect(offer).toHaveCount(0, { timeout: UNDONE_MS });
  }
  await amber.leave();
  await quiet.leave();
});

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
