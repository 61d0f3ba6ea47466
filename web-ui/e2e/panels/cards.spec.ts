import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { enter, newRoom, pair, roomJson } from "./people";

test("one click plays a card, a new card replaces it in the hand, and the hand is not in the document", async ({
  browser,
  request,
}) => {
  const { room, amber, quiet } = await pair(browser, request);
  const before = await amber.handCards();
  expect(before).toHaveLength(5);
  expect(new Set(before).size).toBe(5);

  await amber.hand.locator(".hand-card").nth(2).click();
  // The card is found by its author, since an example card in the stack may have nearly the same text.
  for (const person of [amber, quiet])
    await expect(person.stack.getByRole("listitem", { name: /\. By Amber Otter/ })).toContainText(
      before[2] as string,
    );
  const after = await amber.handCards();
  expect(after).toHaveLength(5);
  expect(after.filter((_, index) => index !== 2)).toEqual(before.filter((_, index) => index !== 2));
  expect(after[2]).not.toBe(before[2]);

  await amber.page.reload();
  await expect.poll(() => amber.handCards()).toEqual(after);
  expect(JSON.stringify(await roomJson(request, room))).not.toContain('"hand"');
  await amber.leave();
  await quiet.leave();
});

test("a person can write an own card with the keyboard alone, and sees errors in the dialog", async ({
  browser,
  request,
}) => {
  const { room, amber, quiet } = await pair(browser, request);
  const { page } = amber;
  await amber.hand.getByRole("button", { name: "Custom card" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Custom card" });
  await expect(dialog.getByRole("textbox")).toBeFocused();

  await page.keyboard.press("Control+Enter");
  await expect(dialog.getByRole("alert")).toHaveText("Write something on the card.");
  await dialog.getByRole("textbox").fill("x".repeat(4001));
  await expect(dialog.getByRole("alert")).toContainText("1 too many");
  await expect(dialog.getByText("4,001 of 4,000")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("textbox"), "Escape keeps the text").toHaveValue("x".repeat(4001));
  await expect(dialog.getByRole("textbox")).toHaveAttribute("aria-invalid", "true");
  await page.keyboard.press("Control+Enter");
  await expect(dialog).toBeVisible();

  // Moves to the card types, selects "Token limit", and returns to the field.
  await page.keyboard.press("Shift+Tab");
  await expect(dialog.getByRole("radio", { name: "Custom" })).toBeFocused();
  for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowLeft");
  await expect(dialog.getByRole("radio", { name: "Token limit" })).toBeChecked();
  await page.keyboard.press("Tab");
  await dialog.getByRole("textbox").fill("lots");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("alert")).toHaveText("A token limit is a whole number from 1 to 100,000.");
  await dialog.getByRole("textbox").fill("");
  await page.keyboard.type("70");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(amber.hand.getByRole("button", { name: "Custom card" })).toBeFocused();
  await expect(quiet.card("70 tokens")).toContainText("Token limit");
  await expect.poll(async () => JSON.stringify(await roomJson(request, room))).toContain("70 tokens");
  await amber.leave();
  await quiet.leave();
});

test("a card can be muted, removed by another person, and restored", async ({ browser, request }) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwnCard("Tone", "Plain and calm");
  const card = quiet.card("Plain and calm");
  await card.hover();
  await card.getByRole("button", { name: "Mute" }).click();
  await expect(amber.card("Plain and calm")).toContainText("muted");
  await card.getByRole("button", { name: "Unmute" }).click();
  await expect(amber.card("Plain and calm")).not.toContainText("muted");

  await card.getByRole("button", { name: "Remove" }).click();
  await expect(amber.card("Plain and calm")).toContainText("removed by Quiet Heron");
  await expect(card).toContainText("removed by you");
  await amber.card("Plain and calm").getByRole("button", { name: "Restore" }).click();
  await expect(quiet.card("Plain and calm")).not.toContainText("removed");
  expect(await quiet.cards()).toContain("Plain and calm");
  await amber.leave();
  await quiet.leave();
});

test("cards are reordered by button, by keys and by dragging, and all pages show the same order", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  for (const word of ["alpha", "bravo", "charlie"]) await amber.playOwnCard("Custom", word);
  const ownTexts = async (person: typeof amber) =>
    (await person.cards()).filter((text) => /^(alpha|bravo|charlie)$/.test(text));
  await expect.poll(() => ownTexts(quiet)).toEqual(["alpha", "bravo", "charlie"]);

  await amber.card("charlie").hover();
  await amber.card("charlie").getByRole("button", { name: "Move up" }).click();
  await expect.poll(() => ownTexts(quiet)).toEqual(["alpha", "charlie", "bravo"]);

  await quiet.card("alpha").focus();
  await quiet.page.keyboard.press("Alt+ArrowDown");
  await expect.poll(() => ownTexts(amber)).toEqual(["charlie", "alpha", "bravo"]);
  await expect(quiet.card("alpha")).toBeFocused();

  await amber.card("bravo").hover();
  const grip = amber.card("bravo").getByRole("button", { name: "Drag to move" });
  const targetBox = await amber.card("charlie").boundingBox();
  const gripBox = await grip.boundingBox();
  if (targetBox === null || gripBox === null) throw new Error("not on the page");
  await amber.page.mouse.move(gripBox.x + 8, gripBox.y + 8);
  await amber.page.mouse.down();
  await amber.page.mouse.move(gripBox.x + 8, targetBox.y + targetBox.height / 2, { steps: 8 });
  await amber.page.mouse.move(gripBox.x + 8, targetBox.y - 2, { steps: 4 });
  await amber.page.mouse.up();
  await expect.poll(() => ownTexts(quiet)).toEqual(["bravo", "charlie", "alpha"]);
  expect(await amber.cards()).toEqual(await quiet.cards());

  // A removed card gives the focus to its neighbour.
  await quiet.card("bravo").focus();
  await quiet.page.keyboard.press("Delete");
  await expect(amber.card("bravo")).toContainText("removed by Quiet Heron");
  await expect(quiet.card("charlie")).toBeFocused();
  await amber.leave();
  await quiet.leave();
});

test("two people edit the text of one card at the same time and both edits stay", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwnCard("Custom", "middle");
  for (const person of [amber, quiet]) {
    await person.card("middle").hover();
    await person.card("middle").getByRole("button", { name: "Edit text" }).click();
    await expect(person.page.getByRole("textbox", { name: "Card text" })).toBeFocused();
  }
  await quiet.page.keyboard.press("Home");
  await Promise.all([
    amber.page.keyboard.type(" and after", { delay: 15 }),
    quiet.page.keyboard.type("before and ", { delay: 15 }),
  ]);
  await amber.page.keyboard.press("Enter");
  await quiet.page.keyboard.press("Escape");
  for (const person of [amber, quiet])
    await expect.poll(() => person.cards()).toContain("before and middle and after");
  await amber.leave();
  await quiet.leave();
});

test("a spectator sees the whole room, and each disabled control gives its reason", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const blue = await enter(browser, room.links.spectator, "Blue Finch");
  await amber.playOwnCard("Tone", "Quietly sure");
  await expect(blue.card("Quietly sure")).toBeVisible();
  await expect(blue.hand).toContainText("You're a spectator");
  await expect(blue.hand.locator(".hand-card").first()).toHaveAttribute("aria-disabled", "true");
  await blue.hand.locator(".hand-card").first().click({ force: true });
  await expect(blue.page.getByRole("button", { name: "Generate", exact: true })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await expect(blue.page.getByRole("button", { name: "Generate", exact: true })).toHaveAccessibleDescription(
    /You're a spectator/,
  );
  await expect(blue.card("Quietly sure").getByRole("button", { name: "Remove" })).toHaveCount(0);
  await expect(blue.chat).toContainText("You're a spectator");
  expect(await blue.cards()).toEqual(await amber.cards());
  await amber.leave();
  await blue.leave();
});

test("the stack shows which card of a kind wins, the size of the prompt, and the prompt itself", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwnCard("Tone", "As a pirate");
  await quiet.playOwnCard("Tone", "As a poet");
  for (const person of [amber, quiet]) {
    await expect(person.card("As a poet")).toContainText("Wins");
    await expect(person.card("As a pirate")).toHaveAttribute("data-fate", "overridden");
  }
  await expect(amber.card("As a pirate")).toContainText("Overridden by Quiet Heron's");
  await expect(quiet.card("As a pirate")).toContainText("Overridden by your card");
  await expect(amber.stack).toContainText(/Sends about \d+ tokens/);
  await expect(amber.stack).toContainText("2 of 4 cards");
  await quiet.card("As a poet").hover();
  await quiet.card("As a poet").getByRole("button", { name: "Mute" }).click();
  await expect(amber.card("As a pirate")).toContainText("Wins");

  await amber.stack.getByRole("button", { name: "Prompt", exact: true }).click();
  await expect(amber.stack).toContainText("As a pirate");
  await expect(amber.stack).not.toContainText("As a poet");
  await expect(amber.stack).toContainText("Your question follows here.");
  await amber.query.fill("Where is the treasure?");
  await expect(amber.stack).toContainText("Where is the treasure?");
  for (const person of [amber, quiet]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await person.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page: person.page })
        .include('[data-kind="stack"]')
        .analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
    }
  }
  await amber.leave();
  await quiet.leave();
});

test("a card of the hand is dragged to a place in the stack, discarded, and all are redrawn; the hand folds", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  const hand = await amber.handCards();
  const box = await amber.hand.locator(".hand-card").first().boundingBox();
  const top = await amber.stack.locator("[data-card]").first().boundingBox();
  if (box === null || top === null) throw new Error("not on the page");
  const { mouse } = amber.page;
  await mouse.move(box.x + 40, box.y + 40);
  await mouse.down();
  await mouse.move(box.x - 40, box.y - 60, { steps: 4 });
  await mouse.move(top.x + 60, top.y + 4, { steps: 6 });
  await mouse.up();
  await expect.poll(async () => (await quiet.cards())[0]).toBe(hand[0]);
  expect(await quiet.cards()).toHaveLength(3);
  await expect(amber.page.locator(".hand-ghost")).toHaveCount(0);

  const afterDrag = await amber.handCards();
  await amber.hand.locator(".hand-card").nth(1).focus();
  await amber.page.keyboard.press("Delete");
  await expect(amber.page.getByTestId("announcer")).toContainText("Discarded");
  const afterDiscard = await amber.handCards();
  expect(afterDiscard.filter((text, place) => text !== afterDrag[place])).toHaveLength(1);
  await amber.hand.getByRole("button", { name: "Redraw" }).click();
  await expect
    .poll(async () => (await amber.handCards()).some((text) => afterDiscard.includes(text)))
    .toBe(false);
  expect(await quiet.cards(), "the hand stays private").toHaveLength(3);

  await amber.hand.getByRole("button", { name: "Fold the hand" }).click();
  await expect(amber.hand).toHaveCount(0);
  await expect(amber.query).toBeFocused();
  await amber.page.reload();
  await expect(amber.query).toBeVisible();
  await expect(amber.hand).toHaveCount(0);
  await amber.page.getByRole("button", { name: "5 cards in your hand" }).click();
  await expect(amber.hand).toBeVisible();
  await amber.leave();
  await quiet.leave();
});
