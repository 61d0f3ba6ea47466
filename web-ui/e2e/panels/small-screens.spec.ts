import { expect, type Locator } from "@playwright/test";
import { test } from "../support/fixtures";
import { enter, newRoom } from "./people";

/** Sizes in CSS pixels: phone, phone held sideways, 1440 x 900 at 200 %, small laptop, low and wide window. */
const SIZES = [
  [390, 844],
  [844, 390],
  [720, 450],
  [1024, 640],
  [1920, 360],
] as const;

/** The height of the part of an element that is in the viewport and not covered by another element. */
const visibleHeight = (element: Locator): Promise<number> =>
  element.evaluate((node) => {
    const box = node.getBoundingClientRect();
    const x = box.x + box.width / 2;
    let visible = 0;
    for (let y = Math.max(0, box.top) + 1; y < Math.min(innerHeight, box.bottom); y += 2)
      if (node.contains(document.elementFromPoint(x, y))) visible += 2;
    return visible;
  });

test("question, answer and Generate are usable on small, low and zoomed screens; a phone has unread marks and closes windows [U17]", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const quiet = await enter(browser, room.links.player, "Quiet Heron");
  await quiet.generate("first");
  await expect(amber.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });
  for (const [width, height] of SIZES) {
    await amber.page.setViewportSize({ width, height });
    const size = `${width} x ${height}`;
    await amber.query.fill("something");
    await expect(amber.query, size).toBeInViewport({ ratio: 1 });
    const generate = amber.page.getByRole("button", { name: "Generate", exact: true });
    await expect(generate, size).toBeInViewport({ ratio: 1 });
    await generate.click({ trial: true });
    const answer = amber.page.getByRole("log", { name: "Conversation" });
    expect(await visibleHeight(answer), `visible height of the answer at ${size}`).toBeGreaterThan(90);
  }

  await amber.page.setViewportSize({ width: 390, height: 844 });
  await quiet.say("one");
  await quiet.say("two");
  const chatTab = amber.page.getByRole("tab", { name: "Chat, 2 unread" });
  await expect(chatTab).toBeVisible();
  await chatTab.click();
  await amber.page.getByRole("tab", { name: "Windows" }).click();
  await expect(amber.page.getByRole("tab", { name: "Chat", exact: true })).toBeVisible();
  const note = amber.page.getByRole("region", { name: "Note: Shared notes" });
  await note.getByRole("button", { name: "Shared notes: window menu" }).click();
  await amber.page.getByRole("menuitem", { name: "Rename" }).click();
  await amber.page.getByRole("textbox", { name: "Window title" }).fill("Plans");
  await amber.page.keyboard.press("Enter");
  await amber.page.getByRole("button", { name: "Plans: window menu" }).click();
  await amber.page.getByRole("menuitem", { name: "Close for everyone" }).click();
  await expect(quiet.page.locator(".notice", { hasText: "Amber Otter closed Plans" })).toBeVisible();
  await amber.page.getByRole("button", { name: "Open Plans" }).click();
  await expect(quiet.page.getByRole("region", { name: "Note: Plans" })).toBeVisible();
  await amber.page.goto("/");
  const field = await amber.page.getByLabel("What is the room for?").boundingBox();
  expect(field?.height, "the height of the title's field on the front page").toBeGreaterThanOrEqual(44);
  await amber.leave();
  await quiet.leave();
});
