import { readFileSync } from "node:fs";
import { type APIRequestContext, type CDPSession, expect, type Page, test } from "@playwright/test";
import { enter, type NewRoom, newRoom, type Participant } from "./panels/people";
import { percentile, printFigures } from "./support/figures";

/** A room like after a long afternoon: this many chat messages and answers. */
const LINES = 2_000;
const ANSWERS = 300;

const ms = (value: number): string => value.toFixed(1);

function printSummary(name: string, values: readonly number[]): void {
  process.stdout.write(
    `  measured: ${name}: p50 ${ms(percentile(values, 0.5))}, p95 ${ms(percentile(values, 0.95))}, max ${ms(Math.max(...values))} ms (${values.length} times)\n`,
  );
}

/** Imports a room with many messages and answers. Returns it with the links of its owner. */
async function longRoom(request: APIRequestContext): Promise<NewRoom> {
  const small = await newRoom(request);
  const response = await request.get(`/api/rooms/${small.slug}/export?as=json`, {
    headers: { "Parlor-Key": small.key },
  });
  const room = JSON.parse(await response.text());
  const at = Date.now() - 3_600_000;
  room.chat = Array.from({ length: LINES }, (_, n) => ({
    id: `m${n}`,
    by: "id_writer",
    at: at + n,
    kind: "say",
    text: `Line ${n} of a long afternoon in which people wrote much.`,
    replyTo: null,
  }));
  room.results = Object.fromEntries(
    Array.from({ length: ANSWERS }, (_, n) => [
      `r${String(n).padStart(4, "0")}`,
      {
        by: "id_writer",
        query: `Question ${n}`,
        prompt: "",
        model: "rehearsal",
        cards: [],
        chunks: [`## Answer ${n}\n\n${"A sentence of the answer. ".repeat(30)}`],
        status: "done",
        reason: null,
        usage: null,
        epoch: n + 1,
        startedAt: at + n * 1_000,
        endedAt: at + n * 1_000 + 500,
        ttftMs: 100,
        totalMs: 500,
      },
    ]),
  );
  const imported = await request.post("/api/rooms/import", { data: room });
  expect(imported.status(), await imported.text()).toBe(201);
  const { slug, links } = await imported.json();
  return { slug, links, key: new URL(links.host).hash.replace("#k=", "") };
}

async function scriptMillis(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN) * 1_000;
}

/** Resolves with the time at which the page has drawn a text that appears in an element. */
const drawn = (page: Page, selector: string, text: string): Promise<number> =>
  page.evaluate(
    ([where, wanted]) =>
      new Promise<number>((resolve) => {
        const root = document.querySelector(where as string);
        if (root === null) throw new Error(`no ${where}`);
        const observer = new MutationObserver(() => {
          if (!root.textContent?.includes(wanted as string)) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(Date.now()));
        });
        observer.observe(root, { childList: true, subtree: true, characterData: true });
      }),
    [selector, text] as const,
  );

test("script for one chat message in a room of 2,000 messages and 300 answers", async ({
  browser,
  request,
}) => {
  test.setTimeout(300_000);
  const room = await longRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const quiet = await enter(browser, room.links.player, "Quiet Heron");
  await quiet.awaitSaved();
  const session = await quiet.context.newCDPSession(quiet.page);
  await session.send("Performance.enable");
  const field = amber.chat.getByRole("textbox", { name: "Message" });
  const millis: number[] = [];
  for (let n = 0; n < 40; n++) {
    await field.fill(`measured message ${n}.`);
    await quiet.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    const shown = drawn(quiet.page, ".chat-list", `measured message ${n}.`);
    await quiet.page.evaluate(() => undefined);
    const before = await scriptMillis(session);
    await field.press("Enter");
    await shown;
    millis.push((await scriptMillis(session)) - before);
  }
  printSummary("receiver's script for one chat message (goal: p50 5, p95 10)", millis.slice(5));
  await amber.leave();
  await quiet.leave();
});

/** Milliseconds from a key press to the frame in which the other page has drawn the letter. */
async function keystrokes(amber: Participant, quiet: Participant, count: number): Promise<number[]> {
  await amber.page.evaluate(() =>
    addEventListener("keydown", () => document.body.setAttribute("data-key", String(Date.now())), true),
  );
  await amber.note("Shared notes").click();
  const millis: number[] = [];
  let text = "";
  for (let n = 0; n < count; n++) {
    const letter = String.fromCharCode(97 + (n % 26));
    text += letter;
    const shown = drawn(quiet.page, '[data-kind="note"] .cm-content', text);
    await quiet.page.evaluate(() => undefined);
    await amber.page.keyboard.press(letter);
    millis.push((await shown) - Number(await amber.page.locator("body").getAttribute("data-key")));
    if (text.length === 26) {
      await amber.page.keyboard.press("Enter");
      text = "";
    }
  }
  return millis;
}

test("time from a key press, and from a step of a drag, until another browser shows it", async ({
  browser,
  request,
}) => {
  test.setTimeout(300_000);
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const quiet = await enter(browser, room.links.player, "Quiet Heron");
  printSummary(
    "key press to the other's frame (goal: p95 60)",
    (await keystrokes(amber, quiet, 60)).slice(5),
  );

  const box = await amber.chat.locator(".window-bar").boundingBox();
  if (box === null) throw new Error("no chat");
  const chat = quiet.page.locator('[data-kind="chat"]');
  await amber.page.mouse.move(box.x + 60, box.y + 15);
  await amber.page.mouse.down();
  const millis: number[] = [];
  for (let n = 1; n <= 40; n++) {
    const before = (await chat.boundingBox())?.x ?? 0;
    const target = before - 12;
    const arrived = chat.evaluate(
      (node, wanted) =>
        new Promise<number>((resolve) => {
          const look = (): void => {
            if (Math.abs(node.getBoundingClientRect().x - wanted) < 2) resolve(Date.now());
            else requestAnimationFrame(look);
          };
          look();
        }),
      target,
    );
    await quiet.page.evaluate(() => undefined);
    const moved = Date.now();
    await amber.page.mouse.move(box.x + 60 - n * 12, box.y + 15);
    millis.push((await arrived) - moved);
  }
  await amber.page.mouse.up();
  printSummary("step of a dragged window until it is there in the other browser (goal: p95 100)", millis);
  await amber.leave();
  await quiet.leave();
});

test("script of a page for each frame while it drags a window and five people move their cursors", async ({
  browser,
  request,
}) => {
  test.setTimeout(300_000);
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const others = [];
  for (let n = 1; n <= 5; n++) others.push(await enter(browser, room.links.player, `Guest ${n}`));
  const session = await amber.context.newCDPSession(amber.page);
  await session.send("Performance.enable");
  await amber.page.evaluate(() => {
    const count = (): void => {
      document.body.setAttribute(
        "data-frames",
        String(Number(document.body.getAttribute("data-frames")) + 1),
      );
      requestAnimationFrame(count);
    };
    count();
  });
  const frames = async (): Promise<number> =>
    Number(await amber.page.locator("body").getAttribute("data-frames"));
  const box = await amber.chat.locator(".window-bar").boundingBox();
  if (box === null) throw new Error("no chat");
  await amber.page.mouse.move(box.x + 60, box.y + 15);
  await amber.page.mouse.down();
  const [scriptBefore, framesBefore] = [await scriptMillis(session), await frames()];
  for (let n = 1; n <= 60; n++) {
    await Promise.all([
      amber.page.mouse.move(box.x + 60 - n * 5, box.y + 15 + (n % 20)),
      ...others.map((person, at) => person.page.mouse.move(200 + n * 7, 150 + at * 80)),
    ]);
  }
  const script = (await scriptMillis(session)) - scriptBefore;
  const count = (await frames()) - framesBefore;
  await amber.page.mouse.up();
  process.stdout.write(
    `  measured: script in each frame while dragging with five cursors: ${ms(script / count)} ms on average in ${count} frames (a frame has 16.7)\n`,
  );
  for (const person of [amber, ...others]) await person.leave();
});

test("bytes on the wire of a first visit until the first edit is possible", async ({ browser, request }) => {
  const room = await newRoom(request);
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const urls = new Map<string, string>();
  const bytes = new Map<string, number>();
  session.on("Network.requestWillBeSent", (event) => urls.set(event.requestId, event.request.url));
  session.on("Network.loadingFinished", (event) => bytes.set(event.requestId, event.encodedDataLength));
  const link = new URL(room.links.player);
  await page.goto(link.pathname + link.hash);
  await page.getByLabel("Your name in this room").press("Enter");
  await expect(page.getByRole("textbox", { name: "Note: Shared notes" })).toBeVisible({ timeout: 30_000 });
  const total = [...bytes.values()].reduce((sum, each) => sum + each, 0);
  const largest = [...bytes].sort((a, b) => b[1] - a[1]).slice(0, 12);
  process.stdout.write(
    `  measured: first visit until the first edit: ${(total / 1_000).toFixed(0)} kB (goal: 1,100)\n`,
  );
  for (const [id, size] of largest)
    process.stdout.write(
      `    ${(size / 1_000).toFixed(0).padStart(5)} kB ${new URL(urls.get(id) ?? "").pathname}\n`,
    );
  printFigures("load average of the machine", [Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0])]);
  await context.close();
});
