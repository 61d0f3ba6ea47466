import { expect, test } from "@playwright/test";
import { test as withModel } from "../support/fixtures";
import { enter, newRoom, type Participant, pair } from "./people";

/** The exact source of the answer, read through the page's copy button. */
async function copyAnswer(person: Participant): Promise<string> {
  await person.output.getByRole("button", { name: "Copy answer" }).last().click();
  await expect(person.page.getByTestId("announcer")).toContainText("Copied");
  return person.page.evaluate(() => navigator.clipboard.readText());
}

const answerLength = async (person: Participant) => ((await person.answer().textContent()) ?? "").length;

const expectDone = (person: Participant) =>
  expect(person.answer()).toHaveAttribute("data-status", "done", { timeout: 60_000 });

withModel(
  "one answer arrives in every browser, also in one that joins in the middle",
  async ({ browser, model, playwright, server }) => {
    model.reset();
    model.answer = Array.from({ length: 60 }, (_, n) => `**word${n}**`).join(" ");
    model.pauseAt = 200; // the model pauses here until the third person has joined
    const request = await playwright.request.newContext({ baseURL: server.url });
    const room = await newRoom(request);
    await request.dispose();
    const enterAs = (link: string, name: string) => enter(browser, link, name, { baseURL: server.url });
    const amber = await enterAs(room.links.host, "Amber Otter");
    const quiet = await enterAs(room.links.player, "Quiet Heron");
    await amber.generate("Write the launch page for a room where people prompt together");

    const exchange = quiet.output.getByRole("article").last();
    await expect(exchange.getByRole("heading", { level: 3 })).toHaveText(
      "Write the launch page for a room where people prompt together",
    );
    await expect(exchange).toContainText("Amber Otter");
    await expect(exchange).toContainText("Writing, 0:");
    await expect(amber.query, "the question leaves the composer").toHaveValue("");
    await expect(quiet.page.getByTestId("announcer")).toContainText("Amber Otter started generating");
    await expect(quiet.output.getByRole("log", { name: "Conversation" })).toHaveAttribute("aria-live", "off");
    await expect.poll(async () => await answerLength(quiet)).toBeGreaterThan(40);

    const blue = await enterAs(room.links.player, "Blue Finch");
    await expect(blue.answer()).toHaveAttribute("data-status", "running");
    await expect.poll(async () => await answerLength(blue)).toBeGreaterThan(40);
    model.pauseAt = Number.POSITIVE_INFINITY;

    for (const person of [amber, quiet, blue]) await expectDone(person);
    await expect(quiet.page.getByTestId("announcer")).toContainText("Response complete");
    const texts = [await copyAnswer(amber), await copyAnswer(quiet), await copyAnswer(blue)];
    expect(texts).toEqual([model.answer, model.answer, model.answer]);
    expect(model.calls).toHaveLength(1);
    const renderedTexts = await Promise.all(
      [amber, quiet, blue].map((person) => person.answer().textContent()),
    );
    expect(new Set(renderedTexts).size).toBe(1);
    for (const person of [amber, quiet, blue]) await person.leave();
  },
);

test("any player can stop an answer; the part is kept, and a retry asks the same question", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.generate("Count the stars, slowly");
  await expect.poll(async () => await answerLength(quiet)).toBeGreaterThan(20);
  await quiet.output.getByRole("button", { name: "Stop" }).click();
  for (const person of [amber, quiet]) {
    await expect(person.output).toContainText("Stopped. The part so far is kept.");
    await expect(person.answer()).toHaveAttribute("data-status", "stopped");
  }
  const part = await copyAnswer(amber);
  expect(part.length).toBeGreaterThan(0);
  expect(await copyAnswer(quiet)).toBe(part);

  await quiet.output.getByRole("button", { name: "Retry" }).click();
  await expect(amber.output.getByRole("article").last()).toContainText("Quiet Heron");
  await expect(amber.question()).toHaveText("Count the stars, slowly");
  await expectDone(amber);
  const versions = amber.output.getByRole("group", { name: "Conversations" });
  await expect(versions).toContainText("2 / 2");
  await versions.getByRole("button", { name: "Previous conversation" }).click();
  await expect(versions).toContainText("1 / 2");
  await expect(amber.output).toContainText("Stopped. The part so far is kept.");
  expect(await copyAnswer(amber)).toBe(part);
  await amber.leave();
  await quiet.leave();
});

test("an offline browser requests no answer and says why [U7]", async ({ browser, request }) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.setOffline(true);
  await amber.query.fill("Write anything");
  await amber.query.press("Enter");
  await expect(amber.page.getByRole("form", { name: "Composer" })).toContainText(
    "Offline: generating needs the server",
  );
  await amber.setOffline(false);
  await amber.awaitSaved();
  await quiet.say("a mark in time");
  await expect(amber.chat).toContainText("a mark in time");
  await expect(quiet.output).toContainText("What shall we write?");
  await amber.leave();
  await quiet.leave();
});

test("Generate without a question says what is missing, and the preview shows cards, question and answer limit [U27]", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.playOwnCard("Role", "Code Pirate");
  await amber.playOwnCard("Tone", "Academic");
  await amber.playOwnCard("Token limit", "50");
  await amber.awaitSaved();
  await amber.page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(amber.page.getByRole("form", { name: "Composer" })).toContainText("Type a question first");
  await expect(amber.query).toBeFocused();
  await amber.query.fill("Say hello");
  await expect(amber.page.locator(".composer-reason")).toHaveCount(0);
  await amber.page.getByRole("button", { name: "Preview prompt" }).click();
  const preview = amber.page.getByRole("dialog");
  await expect(preview).toContainText(
    "Code Pirate\n\nAcademic\n\nIMPORTANT: Keep your response under 50 tokens.",
    {
      useInnerText: true,
    },
  );
  await expect(preview).toContainText("Say hello");
  await expect(preview).toContainText("answer limited to 50 tokens");
  await amber.leave();
  await quiet.leave();
});

test("in the query, Shift+Enter makes a new line, and Enter during an input-method composition sends nothing [U12]", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  await amber.query.fill("line one");
  await amber.query.press("Shift+Enter");
  await amber.page.keyboard.type("line two");
  await expect(amber.query).toHaveValue("line one\nline two");
  await amber.query.dispatchEvent("keydown", {
    key: "Enter",
    keyCode: 229,
    bubbles: true,
    isComposing: true,
  });
  await expect(amber.output).toContainText("What shall we write?");
  await amber.leave();
  await quiet.leave();
});
