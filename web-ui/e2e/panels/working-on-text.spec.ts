import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator } from "@playwright/test";
import { test } from "../support/fixtures";
import { enter, newRoom, type Participant } from "./people";

const toolbar = (person: Participant): Locator => person.page.getByRole("toolbar", { name: "Selected text" });

/** Selects one word of a text by a double click, as a person with a mouse does. */
async function selectWord(text: Locator, word: string): Promise<void> {
  const box = await text.evaluate((element, wanted) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(wanted) ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      range.startContainer.parentElement?.scrollIntoView({ block: "center" });
      const { left, top, width, height } = range.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    }
    return null;
  }, word);
  if (box === null) throw new Error(`the text has no ${word}`);
  await text.page().mouse.dblclick(box.x, box.y);
}

const paintedComments = (person: Participant) =>
  person.page.evaluate(() => [...(CSS.highlights.get("parlor-comment") ?? [])].map(String));

test("text of an answer is quoted, asked about, pinned and commented, also while the answer ends [CM1] [CM3]", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  model.reset();
  const last = " The last paragraph ends the answer with a lighthouse.";
  const points = Array.from({ length: 12 }, (_, n) => `- Point ${n}`).join("\n");
  model.answer = `The tunnel is the part that people remember.\n\nA second paragraph follows with many words of its own.\n\n${points}\n\n${last}`;
  model.pauseAt = 70;
  const request = await playwright.request.newContext({ baseURL: server.url });
  const room = await newRoom(request);
  await request.dispose();
  const amber = await enter(browser, room.links.host, "Amber Otter", {
    baseURL: server.url,
    viewport: { width: 1440, height: 900 },
  });
  const quiet = await enter(browser, room.links.player, "Quiet Heron", {
    baseURL: server.url,
    viewport: { width: 1440, height: 900 },
  });
  await amber.generate("Write the launch page");

  // The word is selected while the answer is written; the toolbar and the word stay when the answer ends.
  await expect(quiet.answer()).toContainText("second");
  await selectWord(quiet.answer(), "tunnel");
  await expect(toolbar(quiet)).toBeVisible();
  model.pauseAt = Number.POSITIVE_INFINITY;
  await expect(quiet.answer()).toHaveAttribute("data-status", "done");
  await expect(quiet.answer()).toContainText("lighthouse");
  await toolbar(quiet).getByRole("button", { name: "Ask about it" }).click();
  await expect(toolbar(quiet)).toBeHidden();
  await expect(quiet.query).toBeFocused();
  await expect(quiet.page.getByRole("list", { name: "Attached to your question" })).toHaveText(/tunnel/);
  model.answer = Array.from({ length: 30 }, (_, n) => `Reason ${n} is a paragraph of its own.`).join("\n\n");
  await quiet.page.keyboard.type("Why this word?");
  await quiet.page.keyboard.press("Enter");
  await expect.poll(() => model.calls.length).toBe(2);
  expect(model.calls[1]?.messages.at(-1)?.content).toBe(
    '<quote from="an earlier answer">\ntunnel\n</quote>\n\nWhy this word?',
  );
  await expect(quiet.answer()).toHaveAttribute("data-status", "done");
  await expect(quiet.page.getByRole("list", { name: "Attached to your question" })).toHaveCount(0);

  // Quote to chat: the quote is in the message that the person writes, and the caret behind it.
  const first = amber.output.locator("[data-answer]").first();
  await selectWord(first, "lighthouse");
  await toolbar(amber).getByRole("button", { name: "Quote to chat" }).click();
  const message = amber.chat.getByRole("textbox", { name: "Message" });
  await expect(message).toBeFocused();
  await expect(message).toHaveValue("> lighthouse\n\n");
  await amber.page.keyboard.type("Is this *too much*?");
  await amber.page.keyboard.press("Enter");
  await expect(quiet.chat.locator("blockquote")).toHaveText("lighthouse");
  await expect(quiet.chat.locator("em")).toHaveText("too much");

  // Pin to a note, with the keyboard.
  await selectWord(quiet.output.locator("[data-answer]").first(), "remember");
  await expect(toolbar(quiet)).toBeVisible();
  await quiet.page.keyboard.press("Alt+Enter");
  await expect(toolbar(quiet).getByRole("button", { name: "Quote to chat" })).toBeFocused();
  await quiet.page.keyboard.press("ArrowRight");
  await quiet.page.keyboard.press("ArrowRight");
  await quiet.page.keyboard.press("Enter");
  await quiet.page.getByRole("menuitem", { name: "Shared notes" }).press("Enter");
  await expect.poll(() => amber.noteText("Shared notes")).toBe("> remember\n— the answer to Amber Otter\n");

  // A comment on a word of the answer is marked in every browser.
  await selectWord(first, "paragraph");
  await toolbar(amber).getByRole("button", { name: "Comment" }).click();
  const comments = (person: Participant) => person.page.getByRole("complementary", { name: "Comments" });
  await amber.page.keyboard.type("Two paragraphs are enough.");
  await amber.page.keyboard.press("Enter");
  await expect.poll(() => paintedComments(quiet)).toEqual(["paragraph"]);
  await comments(amber).getByRole("button", { name: "Close comments" }).click();

  // A comment in a note stays with its words while another person writes before them.
  await quiet.note("Shared notes").click();
  await quiet.page.keyboard.press("Control+End");
  await quiet.page.keyboard.type("Lead with the train.");
  for (let letter = 0; letter < "train.".length; letter++) await quiet.page.keyboard.press("Shift+ArrowLeft");
  await expect(toolbar(quiet)).toBeVisible();
  await quiet.page.keyboard.press("Alt+Enter");
  await quiet.page.keyboard.press("ArrowLeft");
  await quiet.page.keyboard.press("Enter");
  await expect(comments(quiet).getByRole("textbox", { name: "Write a comment" })).toBeFocused();
  await quiet.page.keyboard.type("Or the ferry?");
  await quiet.page.keyboard.press("Enter");
  const mark = amber.note("Shared notes").locator(".comment-mark");
  await expect(mark).toHaveText("train.");
  await amber.note("Shared notes").click();
  await amber.page.keyboard.press("Control+Home");
  await amber.page.keyboard.type("Draft: ");
  await expect(quiet.note("Shared notes").locator(".comment-mark")).toHaveText("train.");

  // A click on the mark shows the thread; another person replies and resolves it.
  await mark.click();
  await expect(comments(amber).getByRole("article", { name: /^Quiet Heron, \d\d:\d\d$/ })).toContainText(
    "Or the ferry?",
  );
  const report = await new AxeBuilder({ page: amber.page }).include(".comments-panel").analyze();
  expect(report.violations.map(({ id }) => id)).toEqual([]);
  await comments(amber).getByRole("button", { name: "Reply" }).click();
  await amber.page.keyboard.type("The train.");
  await amber.page.keyboard.press("Enter");
  await expect(comments(quiet)).toContainText("The train.");
  await comments(amber).getByRole("button", { name: "Resolve" }).click();
  await expect(quiet.note("Shared notes").locator(".comment-mark")).toHaveCount(0);
  await expect(comments(quiet)).toContainText("Resolved by Amber Otter");
  await comments(quiet).getByRole("button", { name: "Reopen" }).click();
  await expect(mark).toHaveText("train.");

  // A comment whose text was removed says so and keeps its quote.
  await comments(amber).getByRole("button", { name: "Close comments" }).click();
  await amber.note("Shared notes").click();
  await amber.page.keyboard.press("Control+a");
  await amber.page.keyboard.press("Delete");
  await expect(comments(quiet)).toContainText("The text was removed.");
  await expect(comments(quiet).locator(".comment-quote")).toHaveText("train.");

  // A person who follows another one sees the window in which that person is. Escape ends it.
  await comments(quiet).getByRole("button", { name: "Close comments" }).click();
  await quiet.chat.getByRole("button", { name: "Close Chat" }).click();
  await quiet.page.getByRole("button", { name: /^2 people here/ }).click();
  await quiet.page.getByRole("button", { name: "Follow Amber Otter" }).click();
  await expect(amber.page.getByText("Quiet Heron follows you")).toBeVisible();
  await amber.chat.getByRole("textbox", { name: "Message" }).click();
  await expect(quiet.chat).toBeVisible();

  // In Output it is the answer that the other person reads.
  const questionsOf = (person: Participant) => person.output.locator(".output-query");
  await questionsOf(amber).first().click();
  await amber.output.getByRole("log").press("Home");
  await expect(questionsOf(quiet).first()).toBeInViewport();
  await expect(questionsOf(quiet).last()).not.toBeInViewport();
  await amber.output.getByText("Reason 29 is").scrollIntoViewIfNeeded();
  await expect(questionsOf(quiet).last()).toBeInViewport();
  await expect(questionsOf(quiet).first()).not.toBeInViewport();
  await quiet.page.keyboard.press("Escape");
  await expect(quiet.page.getByText("Following Amber Otter")).toHaveCount(0);
  await expect(amber.page.getByText("Quiet Heron follows you")).toHaveCount(0);
  await amber.leave();
  await quiet.leave();
});

test("answers are voted on, messages are edited, and a search leads to each of them [RX1] [CH1]", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  model.reset();
  model.answer = "A lighthouse at the end of the tunnel.";
  const request = await playwright.request.newContext({ baseURL: server.url });
  const room = await newRoom(request);
  await request.dispose();
  const amber = await enter(browser, room.links.host, "Amber Otter", {
    baseURL: server.url,
    viewport: { width: 1440, height: 900 },
  });
  const quiet = await enter(browser, room.links.player, "Quiet Heron", {
    baseURL: server.url,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await amber.generate("What is at the end?");
  await expect(amber.answer()).toHaveAttribute("data-status", "done");
  await amber.output.getByRole("button", { name: "Vote", exact: true }).click();
  await expect(quiet.output.getByRole("button", { name: "1 vote: Amber Otter" })).toBeVisible();
  await quiet.output.getByRole("button", { name: "1 vote: Amber Otter" }).tap();
  await expect(amber.output.getByRole("button", { name: "2 votes: you, Quiet Heron" })).toBeVisible();
  await amber.output.getByRole("button", { name: "2 votes: you, Quiet Heron" }).click();
  await expect(quiet.output.getByRole("button", { name: "1 vote: you" })).toBeVisible();

  // An own message is edited and deleted; another person reacts to it.
  for (let n = 0; n < 3; n++) await amber.say(`line ${n}`);
  await amber.say("The lighthose is closed");
  await quiet.page.getByRole("tab", { name: /Chat/ }).tap();
  const last = quiet.chat.getByRole("article").last();
  await expect(last).toContainText("The lighthose is closed");
  await last.getByRole("button", { name: "React to Amber Otter" }).tap();
  await quiet.page.getByRole("button", { name: "Heart" }).tap();
  const own = amber.chat.getByRole("article").last();
  await expect(own.getByRole("button", { name: "Heart: Quiet Heron" })).toBeVisible();
  await own.hover();
  await own.getByRole("button", { name: "Edit message" }).click();
  await amber.page.keyboard.press("Control+a");
  await amber.page.keyboard.type("The lighthouse is closed");
  await amber.page.keyboard.press("Enter");
  await expect(last).toContainText("The lighthouse is closed");
  await expect(last).toContainText("edited");
  await expect(last.getByRole("button", { name: "Edit message" })).toHaveCount(0);
  const line = amber.chat.getByRole("article").filter({ hasText: "line 1" });
  await line.hover();
  await line.getByRole("button", { name: "Delete message" }).click();
  await expect(quiet.chat).toContainText("Message deleted");
  await expect(quiet.chat).not.toContainText("line 1");

  // The search groups its hits. Enter leads to the place and marks the words; Escape gives the focus back.
  await amber.query.click();
  await amber.page.keyboard.press("F8");
  const search = amber.page.getByRole("combobox", { name: "Search in the room" });
  await expect(search).toBeFocused();
  await amber.page.keyboard.type("LIGHTHOUSE");
  await expect(amber.page.getByRole("option")).toHaveCount(2);
  await expect(amber.page.getByRole("group", { name: /Answers/ }).getByRole("option")).toContainText(
    "Amber Otter",
  );
  const report = await new AxeBuilder({ page: amber.page }).include(".search-panel").analyze();
  expect(report.violations.map(({ id }) => id)).toEqual([]);
  await amber.page.keyboard.press("ArrowDown");
  await amber.page.keyboard.press("Enter");
  const found = () => amber.page.evaluate(() => [...(CSS.highlights.get("parlor-found") ?? [])].map(String));
  await expect.poll(found).toEqual(["lighthouse"]);
  await expect(own).toBeFocused();
  await amber.page.keyboard.press("F8");
  await expect(search).toBeFocused();
  await amber.page.keyboard.press("Escape");
  await expect(search).toHaveCount(0);

  // On a phone, a selected word of an answer goes into the chat, and the tab follows.
  await quiet.page.getByRole("tab", { name: "Output" }).tap();
  await quiet.answer().evaluate((answer) => {
    const range = document.createRange();
    range.selectNodeContents(answer.querySelector("p") ?? answer);
    document.getSelection()?.removeAllRanges();
    document.getSelection()?.addRange(range);
  });
  await expect(toolbar(quiet)).toBeInViewport({ ratio: 1 });
  await toolbar(quiet).getByRole("button", { name: "Quote to chat" }).tap();
  await expect(quiet.chat.getByRole("textbox", { name: "Message" })).toHaveValue(
    "> A lighthouse at the end of the tunnel.\n\n",
  );
  await amber.leave();
  await quiet.leave();
});
