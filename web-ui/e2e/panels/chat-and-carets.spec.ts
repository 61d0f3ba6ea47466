import { expect, test } from "@playwright/test";
import { pair } from "./people";

test("both people see all chat messages, with their authors and in the same order", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.say("hello");
  await expect(quiet.chat.getByRole("article", { name: /^Amber Otter, \d\d:\d\d$/ })).toContainText("hello");
  await quiet.say("hello back");
  const reply = amber.chat.getByRole("article", { name: /Quiet Heron/ });
  await expect(reply).toContainText("hello back");
  await reply.hover();
  await reply.getByRole("button", { name: "Reply to Quiet Heron" }).click();
  await amber.say("how is the tunnel?");
  await expect(quiet.chat.getByRole("article").last()).toContainText("Quiet Heron: hello back");

  await Promise.all([
    (async () => {
      for (let n = 0; n < 5; n++) await amber.say(`amber ${n}`);
    })(),
    (async () => {
      for (let n = 0; n < 5; n++) await quiet.say(`quiet ${n}`);
    })(),
  ]);
  await expect.poll(async () => (await amber.messages()).length).toBe(13);
  await expect.poll(async () => (await quiet.messages()).length).toBe(13);
  expect(await amber.messages()).toEqual(await quiet.messages());
  await amber.leave();
  await quiet.leave();
});

test("the typing indicator appears, and disappears when the person stops typing [U24]", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await quiet.chat.getByRole("textbox", { name: "Message" }).pressSequentially("hm");
  await expect(amber.chat).toContainText("Heron is typing…");
  await expect(amber.chat).not.toContainText("Heron is typing…", { timeout: 10_000 });
  await amber.leave();
  await quiet.leave();
});

test("Shift+Enter makes a new line in chat [U12]", async ({ browser, request }) => {
  const { amber, quiet } = await pair(browser, request);
  const field = amber.chat.getByRole("textbox", { name: "Message" });
  await field.fill("one");
  await field.press("Shift+Enter");
  await amber.page.keyboard.type("two");
  await field.press("Enter");
  await expect.poll(() => quiet.messages()).toEqual(["one\ntwo"]);
  await amber.leave();
  await quiet.leave();
});

test("two people write in one note at once, and each sees the other's caret", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.note("Shared notes").click();
  await amber.page.keyboard.type("The middle of it.");
  await expect.poll(() => quiet.noteText("Shared notes")).toBe("The middle of it.");

  await quiet.note("Shared notes").click();
  await quiet.page.keyboard.press("Control+Home");
  await expect(amber.note("Shared notes").locator(".caret b")).toHaveAttribute("data-name", "Quiet Heron");
  await expect(quiet.note("Shared notes").locator(".caret b")).toHaveAttribute("data-name", "Amber Otter");

  await amber.page.keyboard.press("Control+End");
  await Promise.all([
    amber.page.keyboard.type(" And an end.", { delay: 10 }),
    quiet.page.keyboard.type("A beginning. ", { delay: 10 }),
  ]);
  const all = "A beginning. The middle of it. And an end.";
  await expect.poll(() => amber.noteText("Shared notes")).toBe(all);
  await expect.poll(() => quiet.noteText("Shared notes")).toBe(all);

  // A caret is anchored to a character: it stays there while the text before it grows.
  const before = await amber.note("Shared notes").evaluate((note) => {
    const range = document.createRange();
    const caret = note.querySelector(".caret");
    if (caret === null) return null;
    range.setStart(note, 0);
    range.setEndBefore(caret);
    return range.toString();
  });
  expect(before).toBe("A beginning. ");

  // Undo removes only the person's own words.
  await amber.page.keyboard.press("Control+z");
  await expect.poll(() => quiet.noteText("Shared notes")).not.toContain("And an end.");
  expect(await quiet.noteText("Shared notes")).toContain("A beginning. ");

  // The caret of a person who leaves the note disappears.
  await quiet.query.click();
  await expect(amber.note("Shared notes").locator(".caret")).toHaveCount(0);
  await amber.leave();
  await quiet.leave();
});
