import { expect } from "@playwright/test";
import { test } from "../support/fixtures";
import { roomOf } from "../support/inside";
import type { StubModel } from "../support/model";
import { enter, newRoom, type Someone } from "./people";

/** Two people in a room of the server, with a model that the test controls. */
async function two(
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

const shows = (who: Someone, query: string) =>
  expect(who.output.locator(".output-query")).toHaveText(query, { timeout: 20_000 });
const done = (who: Someone) =>
  expect(who.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });

async function ask(who: Someone, query: string, model: StubModel): Promise<void> {
  model.answer = `Answer to: ${query}`;
  await who.generate(query);
  await shows(who, query);
  await done(who);
}

test("an own question jumps to its answer from an older one; other people's answers are announced without a jump", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await two({ browser, playwright, server });
  for (const query of ["first", "second", "third"]) await ask(amber, query, model);
  await shows(quiet, "third"); // a reader at the newest answer keeps following

  const back = quiet.output.getByRole("button", { name: "Previous answer" });
  await back.click();
  await back.click();
  await shows(quiet, "first");
  await ask(amber, "fourth", model);
  await expect(quiet.output.getByRole("button", { name: "New answer" })).toBeVisible();
  await shows(quiet, "first");
  await quiet.output.getByRole("button", { name: "New answer" }).click();
  await shows(quiet, "fourth");
  await expect(quiet.output.getByRole("button", { name: "New answer" })).toHaveCount(0);

  await back.click();
  await expect(quiet.output.getByRole("button", { name: "New answer" })).toHaveCount(0);
  for (const query of ["fifth", "sixth", "seventh"]) {
    await ask(quiet, query, model);
    await back.click();
  }
  await quiet.output.getByRole("button", { name: "Ask again" }).click();
  await shows(quiet, "sixth");
  await expect(quiet.output).toContainText("8 of 8");
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});

test("asking brings Output into view if it is closed, minimised or behind another window", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await two({ browser, playwright, server });
  await quiet.output.getByRole("button", { name: "Close Output" }).click();
  await expect(amber.output).toHaveCount(0);
  await ask(amber, "while it was closed", model);

  await amber.output.getByRole("button", { name: "Minimise Output" }).click();
  await expect(amber.output).toHaveCount(0);
  model.failWith = 400;
  await amber.generate("while it was minimised");
  await shows(amber, "while it was minimised");
  await expect(amber.answer()).toHaveAttribute("data-status", "error", { timeout: 30_000 });
  model.failWith = null;

  // Chat is moved over the whole of Output.
  const inside = await roomOf(amber.page);
  await inside.evaluate((it) =>
    it.handle.change((doc) => {
      const all = Object.values(doc.windows);
      const output = all.find((window) => String(window.type) === "output");
      const chat = all.find((window) => String(window.type) === "chat");
      if (output === undefined || chat === undefined) throw new Error("no such windows");
      const [below = "", above = ""] = [String(chat.z), String(output.z)].sort();
      chat.pos = String(output.pos);
      chat.size = String(output.size);
      chat.z = above;
      output.z = below;
    }),
  );
  const inFront = (name: string) =>
    amber.page.evaluate((wanted) => {
      const box = document.querySelector(`[data-kind="output"]`)?.getBoundingClientRect();
      const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + 60);
      return top?.closest("[data-kind]")?.getAttribute("data-kind") === wanted;
    }, name);
  await expect.poll(() => inFront("chat")).toBe(true);
  await ask(amber, "while it was behind", model);
  await expect.poll(() => inFront("output")).toBe(true);
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});

test("after a reload the page shows an answer that is still being written, also if it was requested by HTTP", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await two({ browser, playwright, server });
  model.answer = "word ".repeat(60);
  model.pauseAt = 100;
  await amber.generate("a long one");
  await shows(amber, "a long one");
  await quiet.output.getByRole("button", { name: "Close Output" }).click();
  await expect(amber.output).toHaveCount(0);
  await amber.page.reload();
  await shows(amber, "a long one");
  model.pauseAt = Number.POSITIVE_INFINITY;
  await done(amber);

  await quiet.output.getByRole("button", { name: "Close Output" }).click();
  await expect(amber.output).toHaveCount(0);
  model.answer = "short";
  const inside = await roomOf(amber.page);
  await inside.evaluate((it) => it.api.generate("by a program"));
  await shows(amber, "by a program");
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});

test("on a phone, asking from the stack switches to Output", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  const { request, amber, quiet } = await two({ browser, playwright, server }, 390);
  await amber.page.getByRole("tab", { name: "Stack" }).click();
  await expect(amber.output).toHaveCount(0);
  await ask(amber, "from the stack", model);
  await request.dispose();
  await amber.leave();
  await quiet.leave();
});
