import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { test } from "../support/fixtures";
import type { StubModel } from "../support/model";
import { roomSession } from "../support/room-session";
import { tagged } from "../support/tags";
import { enter, newRoom, type Participant } from "./people";

/** Two people in a room on the server with the stub model. */
async function joinTwoPeople(
  {
    browser,
    playwright,
    server,
  }: Pick<Parameters<Parameters<typeof test>[2]>[0], "browser" | "playwright" | "server">,
  width = 1440,
) {
  const request = await playwright.request.newContext({ baseURL: server.url });
  const room = await newRoom(request);
  const options = { baseURL: server.url, viewport: { width, height: 900 } };
  const amber = await enter(browser, room.links.host, "Amber Otter", options);
  const quiet = await enter(browser, room.links.player, "Quiet Heron", options);
  return { request, amber, quiet };
}

const expectShownQuery = (person: Participant, query: string) =>
  expect(person.question()).toHaveText(query, { timeout: 20_000 });
const expectDone = (person: Participant) =>
  expect(person.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });
/** The questions of the conversation that a person's page shows, oldest first. */
const expectConversation = (person: Participant, questions: readonly string[]) =>
  expect.poll(() => person.output.locator(".output-query").allTextContents()).toEqual(questions);

async function generateAndWait(person: Participant, query: string, model: StubModel): Promise<void> {
  model.answer = `Answer to: ${query}`;
  await person.generate(query);
  await expectShownQuery(person, query);
  await expectDone(person);
}

test("follow-ups make one conversation that the model sees, a branch keeps both ways, and a reader is not moved", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await joinTwoPeople({ browser, playwright, server });
  const asked = model.calls.length;
  for (const query of ["first", "second", "third"]) await generateAndWait(amber, query, model);
  await expectConversation(quiet, ["first", "second", "third"]); // a page at the end follows each new answer
  expect(model.calls.at(-1)?.messages.filter(({ role }) => role !== "system")).toEqual([
    { role: "user", content: "first" },
    { role: "assistant", content: "Answer to: first" },
    { role: "user", content: "second" },
    { role: "assistant", content: "Answer to: second" },
    { role: "user", content: "third" },
  ]);

  // A branch from the first answer: the composer names it, and both ways stay.
  await quiet.output.getByRole("article").first().getByRole("button", { name: "Branch" }).click();
  const composer = quiet.page.getByRole("form", { name: "Composer" });
  await expect(composer).toContainText("After “first”");
  await expect(quiet.query).toBeFocused();
  await generateAndWait(quiet, "another second", model);
  await expect(composer, "the next question continues again").not.toContainText("After “");
  await expectConversation(quiet, ["first", "another second"]);
  await expectConversation(amber, ["first", "another second"]);
  for (const colorScheme of ["light", "dark"] as const) {
    await amber.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page: amber.page })
      .include('[data-kind="output"]')
      .analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  }
  const versions = quiet.output.getByRole("group", { name: "Versions of this answer" });
  await expect(versions).toContainText("2 / 2");

  // The two versions are compared word by word, at each width; each side can show another answer of the room.
  await versions.getByRole("button", { name: "Compare versions" }).click();
  const comparison = quiet.page.getByRole("dialog", { name: "Compare two answers" });
  await expect(comparison).toContainText("1 place differs");
  await expect(comparison.locator("del")).toHaveText("Answer to: second");
  await expect(comparison.locator("ins")).toHaveText("Answer to: another second");
  await expect(comparison.locator("mark")).toHaveText(["another "]);
  const sides = () =>
    Promise.all(
      ["del", "ins"].map((side) => comparison.locator(side).evaluate((box) => box.getBoundingClientRect().x)),
    );
  for (const width of [1440, 1024, 390]) {
    await quiet.page.setViewportSize({ width, height: 800 });
    for (const field of ["Left answer", "Right answer"])
      await expect(comparison.getByRole("combobox", { name: field })).toBeInViewport({ ratio: 1 });
    const [left = 0, right = 0] = await sides();
    expect(right > left, `side by side at ${width}`).toBe(width > 700);
    const { violations } = await new AxeBuilder({ page: quiet.page }).include(".compare").analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  }
  await quiet.page.setViewportSize({ width: 1440, height: 900 });
  const choice = comparison.getByRole("combobox", { name: "Left answer" });
  await choice.selectOption({
    label: (await choice.locator("option").allTextContents()).find((text) => text.startsWith("first")) ?? "",
  });
  await expect(comparison.locator("del")).toHaveText("Answer to: first");
  await quiet.page.keyboard.press("Escape");
  await expect(comparison).toHaveCount(0);
  await versions.getByRole("button", { name: "Previous version" }).click();
  await expectConversation(quiet, ["first", "second", "third"]);
  await expect(versions).toContainText("1 / 2");

  // A reader of the other way is only offered a new answer; an own question shows its answer.
  const newAnswer = quiet.output.getByRole("button", { name: "New answer" });
  await expect(newAnswer).toHaveCount(0);
  await generateAndWait(amber, "third of the other way", model);
  await expect(newAnswer).toBeVisible();
  await expectConversation(quiet, ["first", "second", "third"]);
  await newAnswer.click();
  await expectConversation(quiet, ["first", "another second", "third of the other way"]);
  await expect(newAnswer).toHaveCount(0);

  // Regenerate makes a sibling with the same question and the same earlier answers.
  await quiet.output.getByRole("button", { name: "Regenerate" }).last().click();
  await expect(quiet.output.getByRole("article").last()).toContainText("2 / 2");
  await expectDone(quiet);
  await expectShownQuery(amber, "third of the other way");
  expect(model.calls.at(-1)?.messages).toEqual(model.calls.at(-2)?.messages);

  // A new conversation sends no earlier answer.
  await quiet.page.getByRole("button", { name: /^Continues\./ }).click();
  await quiet.page.getByRole("menuitem", { name: "Start a new conversation" }).click();
  await generateAndWait(quiet, "a fresh start", model);
  await expectConversation(quiet, ["a fresh start"]);
  expect(model.calls.at(-1)?.messages.filter(({ role }) => role !== "system")).toEqual([
    { role: "user", content: "a fresh start" },
  ]);
  await quiet.output.getByRole("button", { name: "Previous conversation" }).click();
  await expectConversation(quiet, ["first", "another second", "third of the other way"]);
  expect(model.calls.length - asked).toBe(7);
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});

test("a question opens Output, or brings it to the front, if it is closed, minimised or behind another window", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await joinTwoPeople({ browser, playwright, server });
  await amber.output.getByRole("button", { name: "Close Output" }).click();
  await expect(amber.output).toHaveCount(0);
  await expect(quiet.output).toBeVisible();
  await generateAndWait(amber, "while it was closed", model);

  await amber.output.getByRole("button", { name: "Minimise Output" }).click();
  await expect(amber.output).toHaveCount(0);
  model.failWith = 400;
  await amber.generate("while it was minimised");
  await expectShownQuery(amber, "while it was minimised");
  await expect(amber.answer()).toHaveAttribute("data-status", "error", { timeout: 30_000 });
  model.failWith = null;

  // Chat is moved to the place of Output, and comes to the front as it is opened again.
  const session = await roomSession(amber.page);
  await session.evaluate((room) =>
    room.handle.change((doc) => {
      const all = Object.values(doc.windows);
      const output = all.find((window) => String(window.type) === "output");
      const chat = all.find((window) => String(window.type) === "chat");
      if (output === undefined || chat === undefined) throw new Error("no such windows");
      chat.pos = String(output.pos);
      chat.size = String(output.size);
    }),
  );
  const isInFront = (name: string) =>
    amber.page.evaluate((wanted) => {
      const box = document.querySelector(`[data-kind="output"]`)?.getBoundingClientRect();
      const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + 60);
      return top?.closest("[data-kind]")?.getAttribute("data-kind") === wanted;
    }, name);
  await amber.chat.getByRole("button", { name: "Minimise Chat" }).press("Enter");
  await amber.page.getByRole("button", { name: "Open Chat" }).press("Enter");
  await expect.poll(() => isInFront("chat")).toBe(true);
  // The composer is behind Chat with its window, so the question is asked by keyboard.
  model.answer = "Answer from behind";
  await amber.query.fill("while it was behind");
  await amber.query.press("Enter");
  await expectShownQuery(amber, "while it was behind");
  await expectDone(amber);
  await expect.poll(() => isInFront("output")).toBe(true);
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});

test(
  "the page opens Output for an own answer that is running at a reload, or that was requested by HTTP",
  tagged(false),
  async ({ browser, model, playwright, server }) => {
    const { request, amber, quiet } = await joinTwoPeople({ browser, playwright, server });
    model.answer = "word ".repeat(60);
    model.pauseAt = 100;
    await amber.generate("a long one");
    await expectShownQuery(amber, "a long one");
    await amber.output.getByRole("button", { name: "Close Output" }).click();
    await expect(amber.output).toHaveCount(0);
    await amber.page.reload();
    await expectShownQuery(amber, "a long one");
    model.pauseAt = Number.POSITIVE_INFINITY;
    await expectDone(amber);

    await amber.output.getByRole("button", { name: "Close Output" }).click();
    await expect(amber.output).toHaveCount(0);
    model.answer = "short";
    const session = await roomSession(amber.page);
    await session.evaluate((room) => room.api.generate("by a program"));
    await expectShownQuery(amber, "by a program");
    await request.dispose();
    await amber.leave();
    await quiet.leave();
  },
);

test(
  "on a phone, the composer is docked to Output, and a question from another device switches to that tab",
  tagged(false),
  async ({ browser, model, playwright, server }) => {
    const { request, amber, quiet } = await joinTwoPeople({ browser, playwright, server }, 390);
    await amber.query.fill("kept while the tab is away");
    await amber.page.getByRole("tab", { name: "Stack" }).click();
    await expect(amber.output).toHaveCount(0);
    await expect(amber.query).toHaveCount(0);
    model.answer = "short";
    const session = await roomSession(amber.page);
    await session.evaluate((room) => room.api.generate("from elsewhere"));
    await expectShownQuery(amber, "from elsewhere");
    await expectDone(amber);
    await expect(amber.query).toHaveValue("kept while the tab is away");
    await request.dispose();
    await amber.leave();
    await quiet.leave();
  },
);
