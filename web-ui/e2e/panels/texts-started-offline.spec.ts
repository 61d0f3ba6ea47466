import { expect, type Page, test } from "@playwright/test";
import { announcements } from "../support/announcements";
import { roomSession } from "../support/room-session";
import { enter, type Participant, pair } from "./people";

/**
 * Writes what another client may write and the page never writes: a note's window without the note's text object, and
 * cards whose text is a scalar.
 */
async function writeForeignParts(page: Page): Promise<void> {
  const room = await roomSession(page);
  await room.evaluate((session) => {
    const [card] = Object.values(session.handle.doc().cards);
    if (card === undefined) throw new Error("the room has no card");
    const Scalar = card.type.constructor as new (text: string) => never;
    const zIndexes = Object.values(session.handle.doc().windows).map((window) => String(window.z));
    const z = new Scalar(`${zIndexes.sort().at(-1)}V`);
    session.handle.change((doc) => {
      doc.windows["w-plan"] = {
        type: new Scalar("note"),
        title: new Scalar("Plan"),
        pos: new Scalar("360,60"),
        size: new Scalar("320x260"),
        z,
        state: new Scalar("open"),
        ref: new Scalar("n-plan"),
        props: {},
        by: new Scalar(session.me.identity),
        at: 1,
      };
      for (const each of Object.values(doc.cards)) each.text = new Scalar("some old words");
    });
  });
}

const noteLines = async (person: Participant): Promise<string[]> =>
  (await person.noteText("Plan")).split("\n");

async function startNote(person: Participant, words: string): Promise<void> {
  await person.page
    .getByRole("region", { name: "Note: Plan" })
    .getByRole("button", { name: "Start writing" })
    .click();
  await person.note("Plan").click();
  await person.page.keyboard.type(words);
}

test("[RM10] if several people start one note offline, the note has all their texts after they reconnect, in any order", async ({
  browser,
  request,
}) => {
  const { room, amber, quiet } = await pair(browser, request);
  const blue = await enter(browser, room.links.player, "Blue Finch");
  await writeForeignParts(amber.page);
  const all = [amber, quiet, blue];
  for (const person of all) {
    await expect(person.page.getByRole("button", { name: "Start writing" })).toBeVisible();
    await person.awaitSaved();
  }
  for (const person of all) await person.setOffline(true);
  await startNote(amber, "Amber wrote this.");
  await startNote(quiet, "Quiet wrote that.");
  await startNote(blue, "Blue wrote more.");

  await amber.setOffline(false);
  await quiet.setOffline(false);
  const firstTwo = ["Amber wrote this.", "Quiet wrote that."];
  for (const person of [amber, quiet]) {
    await expect.poll(() => noteLines(person), { timeout: 20_000 }).toEqual(expect.arrayContaining(firstTwo));
  }
  // The third person continues a text object that lost against another one in the merge.
  await blue.page.keyboard.type(" And still more.");
  await blue.setOffline(false);
  const allThree = [...firstTwo, "Blue wrote more. And still more."];
  for (const person of all) {
    await expect.poll(() => noteLines(person), { timeout: 20_000 }).toEqual(expect.arrayContaining(allThree));
  }
  await blue.page.reload();
  await expect.poll(() => noteLines(blue), { timeout: 20_000 }).toEqual(expect.arrayContaining(allThree));
  for (const words of allThree) {
    expect((await blue.noteText("Plan")).split(words)).toHaveLength(2);
  }
  const linnet = await enter(browser, room.links.spectator, "Late Linnet");
  await expect(linnet.page.getByRole("region", { name: "Note: Plan" })).toContainText("Quiet wrote that.");
  for (const person of [...all, linnet]) await person.leave();
});

test("[RM10] a card with scalar text keeps the text of both people who edit it offline", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await writeForeignParts(amber.page);
  for (const person of [amber, quiet]) {
    await expect(person.card("some old words")).toHaveCount(2);
    await person.awaitSaved();
    await person.setOffline(true);
  }
  const edit = async (person: Participant, words: string) => {
    await person.card("some old words").first().getByRole("button", { name: /Edit/ }).click();
    await expect(person.page.getByRole("textbox", { name: "Card text" })).toBeFocused();
    await person.page.keyboard.type(words);
    await person.page.keyboard.press("Escape");
  };
  await edit(amber, " by Amber");
  await edit(quiet, " with Quiet");
  const announced = await announcements(quiet.page);
  await amber.setOffline(false);
  await quiet.setOffline(false);
  for (const person of [amber, quiet]) {
    await expect(person.card("by Amber").filter({ hasText: "with Quiet" })).toHaveCount(1, {
      timeout: 20_000,
    });
    const words = (await person.cards()).find((text) => text.includes("by Amber")) ?? "";
    expect(words.split("some old words")).toHaveLength(2);
  }
  await expect
    .poll(async () => (await announced()).join("\n"), { timeout: 20_000 })
    .toContain("Two people wrote a card");
  await amber.leave();
  await quiet.leave();
});
