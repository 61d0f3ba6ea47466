import { expect, test } from "@playwright/test";
import { enter, newRoom, type Participant } from "./panels/people";
import { percentile, printFigures } from "./support/figures";

/** Records in the page the time of the last click. All browsers of the test share the machine's clock. */
async function recordClicks(person: Participant): Promise<void> {
  await person.page.evaluate(() =>
    addEventListener("click", () => document.body.setAttribute("data-clicked", String(Date.now())), true),
  );
}

/** Milliseconds from a click in one browser until the text appears, for each of the other browsers. */
async function latencies(
  action: () => Promise<void>,
  by: Participant,
  others: readonly Participant[],
  text: string,
): Promise<number[]> {
  const appearances = others.map((person) =>
    person.page.evaluate(
      (wanted) =>
        new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            if (!document.body.textContent.includes(wanted)) return;
            observer.disconnect();
            resolve(Date.now());
          });
          observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        }),
      text,
    ),
  );
  for (const person of others) await person.page.evaluate(() => undefined); // waits until all pages observe
  await action();
  const clicked = Number(await by.page.locator("body").getAttribute("data-clicked"));
  return (await Promise.all(appearances)).map((at) => at - clicked);
}

test("time from a click on Generate, or on a card, until the other browsers show it", async ({
  browser,
  request,
}) => {
  test.setTimeout(180_000);
  const room = await newRoom(request);
  const enterGuest = (n: number) =>
    enter(browser, room.links.host, `Guest ${n}`, {
      reducedMotion: "reduce",
      viewport: { width: 1024, height: 640 },
    });
  const first = await enterGuest(1);
  const others = [await enterGuest(2), await enterGuest(3)];
  await recordClicks(first);
  const generateTimes: number[][] = [];
  for (let n = 1; n <= 3; n++) {
    await first.query.fill(`Count the stars, slowly, and again ${n}`);
    await first.awaitSaved();
    const generate = () => first.page.getByRole("button", { name: "Generate", exact: true }).click();
    generateTimes.push(await latencies(generate, first, others, `again ${n}`));
    await first.output.getByRole("button", { name: "Stop" }).click();
    for (const person of [first, ...others]) {
      await expect(person.output).toContainText("Stopped.");
    }
  }
  for (const [n, times] of generateTimes.entries()) printFigures(`who is generating, run ${n + 1}`, times);

  others.push(...(await Promise.all([4, 5, 6, 7, 8, 9, 10].map(enterGuest))));
  await expect(first.page.getByRole("button", { name: /^10 people here/ })).toBeVisible({ timeout: 20_000 });
  const playTimes: number[][] = [];
  for (let n = 1; n <= 3; n++) {
    const text = `A tone for ten, number ${n}`;
    await first.awaitSaved();
    playTimes.push(await latencies(() => first.playOwnCard("Tone", text), first, others, text));
    for (const person of others) await expect(person.card(text)).toBeVisible();
  }
  for (const [n, times] of playTimes.entries()) printFigures(`card ${n + 1} in nine other browsers`, times);
  printFigures("p95 of all cards", [percentile(playTimes.flat(), 0.95)]);
  await Promise.all([first, ...others].map((person) => person.leave()));
});

test("time from following a link until a new browser profile shows all windows", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const windowCount = await amber.page.locator("[data-window]").count();
  expect(windowCount).toBeGreaterThanOrEqual(4);
  const latencyMillis: number[] = [];
  for (let n = 0; n < 3; n++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    // Joins with the suggested name. The code runs in the page, so that the test's own delay is not measured.
    await page.addInitScript((windows) => {
      const observer = new MutationObserver(() => {
        document.querySelector<HTMLButtonElement>("form.gate-box button:enabled")?.click();
        if (document.querySelectorAll("[data-window]").length < windows) return;
        observer.disconnect();
        document.documentElement.setAttribute("data-there", String(performance.now()));
      });
      observer.observe(document, { childList: true, subtree: true });
    }, windowCount);
    await page.goto(new URL(room.links.player).pathname + new URL(room.links.player).hash);
    await expect(page.locator("html")).toHaveAttribute("data-there", /./, { timeout: 20_000 });
    latencyMillis.push(Number(await page.locator("html").getAttribute("data-there")));
    for (const title of ["Stack", "Output", "Chat", "Note: Shared notes"])
      await expect(page.getByRole("region", { name: title, exact: true })).toBeVisible();
    await context.close();
  }
  printFigures("from the link to all windows of a browser that was never here", latencyMillis);
  await amber.leave();
});
