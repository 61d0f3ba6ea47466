import { expect, type Page, test } from "@playwright/test";
import { announcements } from "../support/announcements";
import { roomOf } from "../support/inside";
import { enter, pair, type Someone } from "./people";

/** Writes as another client may: a window without its note, and cards with scalar text. */
async function foreignParts(page: Page): Promise<void> {
  const room = await roomOf(page);
  await room.evaluate((inside) => {
    const [card] = Object.values(inside.handle.doc().cards);
    if (card === undefined) throw new Error("the room has no card");
    const Scalar = card.type.constructor as new (text: string) => never;
    const front = Object.values(inside.handle.doc().windows).map((window) => String(window.z));
    const z = new Scalar(`${front.sort().at(-1)}V`);
    inside.handle.change((doc) => {
      doc.windows["w-plan"] = {
        type: new Scalar("note"),
        title: new Scalar("Plan"),
        pos: new Scalar("360,60"),
        size: new Scalar("320x260"),
        z,
        state: new Scalar("open"),
        ref: new Scalar("n-plan"),
        props: {},
        by: new Scalar(inside.me.identity),
        at: 1,
      };
      for (const each of Object.values(doc.cards)) each.text = new Scalar("some old words");
    });
  });
}

const lines = async (who: Someone): Promise<string[]> => (await who.noteText("Plan")).split("\n");

async function start(who: Someone, words: string): Promise<void> {
  await who.page
    .getByRole("region", { name: "Note: Plan" })
    .getByRole("button", { name: "Start writing" })
    .click();
  await who.note("Plan").click();
  await who.page.keyboard.type(words);
}

test("[RM10] people who start one note offline all find all texts after they return, in any order", async ({
  browser,
  request,
}) => {
  const { room, amber, quiet } = await pair(browser, request);
  const blue = await enter(browser, room.links.player, "Blue Finch");
  await foreignParts(amber.page);
  const all = [amber, quiet, blue];
  for (const who of all) {
    await expect(who.page.getByRole("button", { name: "Start writing" })).toBeVisible();
    await who.saved();
  }
  for (const who of all) await who.offline(true);
  await start(amber, "Amber wrote this.");
  await start(quiet, "Quiet wrote that.");
  await start(blue, "Blue wrote more.");

  await amber.offline(false);
  await quiet.offline(false);
  const two = ["Amber wrote this.", "Quiet wrote that."];
  for (const who of [amber, quiet]) {
    await expect.poll(() => lines(who), { timeout: 20_000 }).toEqual(expect.arrayContaining(two));
  }
  // The third person has typed on in a text that the merge has hidden from the others.
  await blue.page.keyboard.type(" And still more.");
  await blue.offline(false);
  const three = [...two, "Blue wrote more. And still more."];
  for (const who of all) {
    await expect.poll(() => lines(who), { timeout: 20_000 }).toEqual(expect.arrayContaining(three));
  }
  await blue.page.reload();
  await expect.poll(() => lines(blue), { timeout: 20_000 }).toEqual(expect.arrayContaining(three));
  for (const words of three) {
    expect((await blue.noteText("Plan")).split(words)).toHaveLength(2);
  }
  const late = await enter(browser, room.links.spectator, "Late Linnet");
  await expect(late.page.getByRole("region", { name: "Note: Plan" })).toContainText("Quiet wrote that.");
  for (const who of [...all, late]) await who.leave();
});

test("[RM10] a card with scalar text keeps the text of both people who edit it offline", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await foreignParts(amber.page);
  for (const who of [amber, quiet]) {
    await expect(who.card("some old words")).toHaveCount(2);
    await who.saved();
    await who.offline(true);
  }
  const edit = async (who: Someone, words: string) => {
    await who.card("some old words").first().getByRole("button", { name: /Edit/ }).click();
    await expect(who.page.getByRole("textbox", { name: "Words on the card" })).toBeFocused();
    await who.page.keyboard.type(words);
    await who.page.keyboard.press("Escape");
  };
  await edit(amber, " by Amber");
  await edit(quiet, " with Quiet");
  const announced = await announcements(quiet.page);
  await amber.offline(false);
  await quiet.offline(false);
  for (const who of [amber, quiet]) {
    await expect(who.card("by Amber").filter({ hasText: "with Quiet" })).toHaveCount(1, { timeout: 20_000 });
    const words = (await who.cards()).find((text) => text.includes("by Amber")) ?? "";
    expect(words.split("some old words")).toHaveLength(2);
  }
  await expect
    .poll(async () => (await announced()).join("\n"), { timeout: 20_000 })
    .toContain("Two people wrote a card");
  await amber.leave();
  await quiet.leave();
});
