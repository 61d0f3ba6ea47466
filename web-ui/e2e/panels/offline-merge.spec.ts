import { expect, test } from "@playwright/test";
import { tagged } from "../support/tags";
import { type Participant, pair } from "./people";

/** The shared content that a page shows: cards, note, chat and windows. */
async function sharedContent(person: Participant) {
  return {
    cards: await person.stack
      .locator("[data-card]")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-card"))),
    cardTexts: await person.cards(),
    note: await person.noteText("Shared notes"),
    chat: await person.messages(),
    windows: await person.page
      .locator("[data-window]")
      .evaluateAll((all) =>
        all.map((text) => [text.getAttribute("data-window"), text.getAttribute("style")]),
      ),
  };
}

async function dragWindow(person: Participant, dx: number, dy: number): Promise<void> {
  const bar = person.page.getByRole("heading", { name: "Shared notes" });
  const rectangle = await bar.boundingBox();
  if (rectangle === null) throw new Error("the window is not on the page");
  await person.page.mouse.move(rectangle.x + 10, rectangle.y + 8);
  await person.page.mouse.down();
  await person.page.mouse.move(rectangle.x + 10 + dx, rectangle.y + 8 + dy, { steps: 6 });
  await person.page.mouse.up();
}

test(
  "both people edit one note, one card order and one window offline; after they reconnect nothing is lost and the pages are equal",
  tagged(false),
  async ({ browser, request }) => {
    const { amber, quiet } = await pair(browser, request);
    for (const word of ["alpha", "bravo", "charlie"]) await amber.playOwnCard("Custom", word);
    await amber.note("Shared notes").click();
    await amber.page.keyboard.type("shared");
    await expect.poll(() => quiet.noteText("Shared notes")).toBe("shared");
    await amber.awaitSaved();
    await expect.poll(async () => (await quiet.cards()).length).toBe((await amber.cards()).length);
    const cardsBefore = (await amber.cards()).length;

    await amber.setOffline(true);
    await quiet.setOffline(true);

    await amber.note("Shared notes").click();
    await amber.page.keyboard.press("Control+End");
    await amber.page.keyboard.type(" by amber");
    await quiet.note("Shared notes").click();
    await quiet.page.keyboard.press("Control+Home");
    await quiet.page.keyboard.type("quietly ");

    await amber.card("charlie").focus();
    await amber.page.keyboard.press("Alt+ArrowUp");
    await quiet.card("alpha").focus();
    await quiet.page.keyboard.press("Alt+ArrowDown");
    await amber.playOwnCard("Tone", "from amber");
    await quiet.playOwnCard("Tone", "from quiet");
    await amber.say("said by amber in the tunnel");
    await quiet.say("said by quiet in the tunnel");
    await dragWindow(amber, -60, 30);
    await dragWindow(quiet, -20, -50);

    // Offline edits survive a reload without a server [U5].
    await expect(amber.page.getByTestId("state")).toContainText(/kept here/);
    await amber.page.reload();
    await expect.poll(() => amber.noteText("Shared notes")).toBe("shared by amber");
    await expect(amber.card("from amber")).toBeVisible();

    await amber.setOffline(false);
    await quiet.setOffline(false);
    await amber.awaitSaved();
    await quiet.awaitSaved();

    await expect.poll(() => quiet.noteText("Shared notes")).toBe("quietly shared by amber");
    await expect.poll(() => amber.noteText("Shared notes")).toBe("quietly shared by amber");
    await expect.poll(async () => (await amber.cards()).length).toBe(cardsBefore + 2);
    await expect
      .poll(
        async () => JSON.stringify(await sharedContent(amber)) === JSON.stringify(await sharedContent(quiet)),
      )
      .toBe(true);
    const page = await sharedContent(amber);
    for (const word of ["alpha", "bravo", "charlie", "from amber", "from quiet"]) {
      expect(page.cardTexts.filter((text) => text === word)).toHaveLength(1);
    }
    expect(page.chat.filter((text) => text.includes("in the tunnel"))).toHaveLength(2);
    await amber.leave();
    await quiet.leave();
  },
);
