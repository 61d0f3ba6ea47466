import { readFileSync } from "node:fs";
import { type CDPSession, expect, test } from "@playwright/test";
import { enter, newRoom, type Participant } from "./panels/people";
import { percentile } from "./support/figures";
import { drawn, longRoom } from "./support/long-room";

const ms = (value: number): string => value.toFixed(1);

function printSummary(name: string, values: readonly number[]): void {
  process.stdout.write(
    `  measured: ${name}: p50 ${ms(percentile(values, 0.5))}, p95 ${ms(percentile(values, 0.95))}, max ${ms(Math.max(...values))} ms (${values.length} times)\n`,
  );
}

/** Prints the load of the machine, so that a reader can judge the figures before it. */
function printLoad(): void {
  process.stdout.write(
    `  load average of the machine: ${readFileSync("/proc/loadavg", "utf8").split(" ")[0]}\n`,
  );
}

/** Counts the CPU time of the page's thread, so that the load of the machine adds little to a figure. */
const CPU_TIME = { timeDomain: "threadTicks" } as const;

async function scriptMillis(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN) * 1_000;
}

/** All tasks of the page's thread. Chromium counts messages of WebSockets here, and not as script. */
async function taskMillis(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
}

test.afterEach(printLoad);

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
  await session.send("Performance.enable", CPU_TIME);
  const field = amber.chat.getByRole("textbox", { name: "Message" });
  const millis: number[] = [];
  const tasks: number[] = [];
  for (let n = 0; n < 40; n++) {
    await field.fill(`measured message ${n}.`);
    await quiet.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    const shown = drawn(quiet.page, ".chat-list", `measured message ${n}.`);
    await quiet.page.evaluate(() => undefined);
    const before = await scriptMillis(session);
    const tasksBefore = await taskMillis(session);
    await field.press("Enter");
    await shown;
    millis.push((await scriptMillis(session)) - before);
    tasks.push((await taskMillis(session)) - tasksBefore);
  }
  printSummary("receiver's script for one chat message (goal: p50 5, p95 10)", millis.slice(5));
  printSummary(
    "all tasks of the receiver's thread for it, with sync, layout and the test's calls",
    tasks.slice(5),
  );
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
  await session.send("Performance.enable", CPU_TIME);
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
  const ended: { readonly id: string; readonly bytes: number; readonly at: number }[] = [];
  session.on("Network.requestWillBeSent", (event) => urls.set(event.requestId, event.request.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength, timestamp }) =>
    ended.push({ id: requestId, bytes: encodedDataLength, at: timestamp }),
  );
  // The browser's own clock, which also stamps the ends of requests.
  await session.send("Performance.enable");
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const note = document.querySelector('[aria-label^="Note: "][contenteditable="true"]') !== null;
      const query = document.querySelector('form[aria-label="Composer"] textarea') !== null;
      if (query) performance.mark("first-edit");
      if (note) performance.mark("note");
      if (query && note) observer.disconnect();
    }).observe(document, { childList: true, subtree: true, attributes: true });
  });
  const link = new URL(room.links.player);
  await page.goto(link.pathname + link.hash);
  await page.getByLabel("Your name in this room").press("Enter");
  await expect(page.locator('[aria-label^="Note: "][contenteditable="true"]').first()).toBeVisible({
    timeout: 30_000,
  });
  const { metrics } = await session.send("Performance.getMetrics");
  const clockOf = (name: string): number => metrics.find((each) => each.name === name)?.value ?? Number.NaN;
  const marks = await page.evaluate(() =>
    ["first-edit", "note"].map((name) => (performance.getEntriesByName(name)[0]?.startTime ?? 0) / 1_000),
  );
  const start = clockOf("NavigationStart");
  const until = (seconds: number) => ended.filter(({ at }) => at <= start + seconds);
  const [firstEdit = 0, note = 0] = marks;
  for (const [name, list] of [
    ["a question, a message or a card can be written (goal: 1,100)", until(firstEdit)],
    ["a note can be written", until(note)],
  ] as const) {
    const total = list.reduce((sum, { bytes }) => sum + bytes, 0);
    process.stdout.write(`  measured: first visit until ${name}: ${(total / 1_000).toFixed(0)} kB\n`);
    for (const { id, bytes } of [...list].sort((x, y) => y.bytes - x.bytes).slice(0, 12))
      process.stdout.write(
        `    ${(bytes / 1_000).toFixed(0).padStart(5)} kB ${new URL(urls.get(id) ?? "").pathname}\n`,
      );
  }
  await context.close();
});

/** A text of 1.07 million letters in 20,000 lines. */
const LARGE_TEXT = Array.from({ length: 20_000 }, (_, n) =>
  `Line ${String(n).padStart(5, "0")} of a long text that was pasted at once.`.padEnd(53, "."),
).join("\n");

/** Counts the long tasks of a page from now on; the result is the longest one in milliseconds. */
async function longestTask(person: Participant): Promise<() => Promise<number>> {
  await person.page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(entry.duration);
    }).observe({ type: "longtask" });
    Object.assign(window, { longTasks: tasks });
  });
  return () =>
    person.page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks));
}

test("a paste of 1.07 million letters in 20,000 lines into a note", async ({ browser, request }) => {
  test.setTimeout(300_000);
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const quiet = await enter(browser, room.links.player, "Quiet Heron");
  await quiet.note("Shared notes").click();
  await quiet.awaitSaved();
  const watched = await Promise.all(
    [amber, quiet].map(async (person) => {
      const session = await person.context.newCDPSession(person.page);
      await session.send("Performance.enable", CPU_TIME);
      return {
        name: person.name,
        session,
        before: await taskMillis(session),
        longest: await longestTask(person),
      };
    }),
  );
  await amber.page.evaluate((text) => navigator.clipboard.writeText(text), LARGE_TEXT);
  await amber.note("Shared notes").click();
  const start = Date.now();
  await amber.page.keyboard.press("ControlOrMeta+V");
  const pill = (person: Participant) => person.page.getByTestId("state");
  await expect(async () => {
    await quiet.note("Shared notes").press("ControlOrMeta+End");
    await expect(quiet.note("Shared notes")).toContainText("Line 19999", { timeout: 1_000 });
  }).toPass({ timeout: 240_000 });
  process.stdout.write(
    `  measured: from the paste of ${LARGE_TEXT.length} letters until the other browser shows its last line: ${Date.now() - start} ms\n`,
  );
  await expect(pill(amber)).toHaveText(/Saved/, { timeout: 60_000 });
  for (const { name, session, before, longest } of watched) {
    process.stdout.write(
      `  measured: ${name}: CPU of the page's thread ${ms((await taskMillis(session)) - before)} ms, longest task ${ms(await longest())} ms\n`,
    );
  }
  await amber.leave();
  await quiet.leave();
});

/** A list of 240 KB. */
const LIST = Array.from(
  { length: 4_000 },
  (_, n) => `- Item ${n} has **some** words of a usual length, as lists have`,
).join("\n");

test("an answer that is a list of 240 KB: from the link of the room until its end is drawn", async ({
  browser,
  request,
}) => {
  const old = await newRoom(request);
  const headers = { "Parlor-Key": old.key };
  const file = await (await request.get(`/api/rooms/${old.slug}/export?as=json`, { headers })).json();
  const answer = (text: string) => ({
    by: "parlor",
    query: "A list",
    prompt: "",
    model: "stub",
    cards: [],
    chunks: [text],
    status: "done",
    reason: null,
    usage: null,
    epoch: 1,
    startedAt: Date.now(),
    endedAt: Date.now(),
  });
  for (const [name, text] of [
    ["an answer of one item", LIST.slice(LIST.lastIndexOf("\n") + 1)],
    [`a list of ${LIST.length} letters`, LIST],
  ] as const) {
    file.results = { r1: answer(text) };
    const imported = await request.post("/api/rooms/import", { data: file });
    expect(imported.status(), await imported.text()).toBe(201);
    const { links } = await imported.json();
    const amber = await enter(browser, links.host, "Amber Otter");
    const session = await amber.context.newCDPSession(amber.page);
    await session.send("Performance.enable", CPU_TIME);
    await amber.page.addInitScript(() => {
      const tasks: number[] = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) tasks.push(entry.duration);
      }).observe({ type: "longtask" });
      Object.assign(window, { longTasks: tasks });
    });
    const before = await taskMillis(session);
    await amber.page.reload();
    await expect(amber.answer().getByRole("listitem").filter({ hasText: "Item 3999 " })).toBeInViewport();
    await amber.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    const tasks = (await taskMillis(session)) - before;
    const longest = await amber.page.evaluate(() =>
      Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks),
    );
    process.stdout.write(
      `  measured: room with ${name}: CPU of the page's thread ${ms(tasks)} ms, longest task ${ms(longest)} ms\n`,
    );
    await amber.leave();
  }
});
