import { expect } from "@playwright/test";
import { test } from "../support/fixtures";
import type { StubModel } from "../support/model";
import { roomSession } from "../support/room-session";
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
  expect(person.output.locator(".output-query")).toHaveText(query, { timeout: 20_000 });
const expectDone = (person: Participant) =>
  expect(person.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });

async function generateAndWait(person: Participant, query: string, model: StubModel): Promise<void> {
  model.answer = `Answer to: ${query}`;
  await person.generate(query);
  await expectShownQuery(person, query);
  await expectDone(person);
}

test("a person who asks is shown the new answer; a person who reads an older answer is only offered it", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await joinTwoPeople({ browser, playwright, server });
  for (const query of ["first", "second", "third"]) await generateAndWait(amber, query, model);
  await expectShownQuery(quiet, "third"); // a page that shows the newest answer switches to each new one

  const previousAnswer = quiet.output.getByRole("button", { name: "Previous answer" });
  await previousAnswer.click();
  await previousAnswer.click();
  await expectShownQuery(quiet, "first");
  await generateAndWait(amber, "fourth", model);
  await expect(quiet.output.getByRole("button", { name: "New answer" })).toBeVisible();
  await expectShownQuery(quiet, "first");
  await quiet.output.getByRole("button", { name: "New answer" }).click();
  await expectShownQuery(quiet, "fourth");
  await expect(quiet.output.getByRole("button", { name: "New answer" })).toHaveCount(0);

  await previousAnswer.click();
  await expect(quiet.output.getByRole("button", { name: "New answer" })).toHaveCount(0);
  for (const query of ["fifth", "sixth", "seventh"]) {
    await generateAndWait(quiet, query, model);
    await previousAnswer.click();
  }
  await quiet.output.getByRole("button", { name: "Ask again" }).click();
  await expectShownQuery(quiet, "sixth");
  await expect(quiet.output).toContainText("8 of 8");
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
  await generateAndWait(amber, "while it was behind", model);
  await expect.poll(() => isInFront("output")).toBe(true);
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});

test("the page opens Output for an own answer that is running at a reload, or that was requested by HTTP", async ({
  browser,
  model,
  playwright,
  server,
}) => {
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
});

test("on a phone, a question from the Stack tab switches to the Output tab", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await joinTwoPeople({ browser, playwright, server }, 390);
  await amber.page.getByRole("tab", { name: "Stack" }).click();
  await expect(amber.output).toHaveCount(0);
  await generateAndWait(amber, "from the stack", model);
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});
