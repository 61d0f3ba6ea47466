import { expect, test } from "@playwright/test";
import { enter, newRoom, type Someone } from "./panels/people";
import { measured, percentile } from "./support/figures";

/** Records in the page when the last click was. All browsers here share the machine's clock. */
async function noteClicks(who: Someone): Promise<void> {
  await who.page.evaluate(() =>
    addEventListener("click", () => document.body.setAttribute("data-clicked", String(Date.now())), true),
  );
}

/** For each other browser: the ms from a press in one browser until the text appears. */
async function shownAfter(
  press: () => Promise<void>,
  by: Someone,
  others: readonly Someone[],
  text: string,
): Promise<number[]> {
  const seen = others.map((who) =>
    who.page.evaluate(
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
  for (const who of others) await who.page.evaluate(() => undefined); // waits until all pages observe
  await press();
  const clicked = Number(await by.page.locator("body").getAttribute("data-clicked"));
  return (await Promise.all(seen)).map((at) => at - clicked);
}

test("from a press until all browsers show who is generating, and until ten browsers show a played card", async ({
  browser,
  request,
}) => {
  test.setTimeout(180_000);
  const room = await newRoom(request);
  const guest = (n: number) =>
    enter(browser, room.links.host, `Guest ${n}`, {
      reducedMotion: "reduce",
      viewport: { width: 1024, height: 640 },
    });
  const first = await guest(1);
  const others = [await guest(2), await guest(3)];
  await noteClicks(first);
  const runs: number[][] = [];
  for (let n = 1; n <= 3; n++) {
    await first.query.fill(`Count the stars, slowly, and again ${n}`);
    await first.saved();
    const generate = () => first.page.getByRole("button", { name: "Generate" }).click();
    runs.push(await shownAfter(generate, first, others, "Guest 1 is generating"));
    await first.output.getByRole("button", { name: "Stop" }).click();
    for (const who of [first, ...others]) {
      await expect(who.output).toContainText("Stopped.");
      await expect(who.page.getByRole("form", { name: "Composer" })).not.toContainText("is generating");
    }
  }
  for (const [n, times] of runs.entries()) measured(`who is generating, run ${n + 1}`, times);

  others.push(...(await Promise.all([4, 5, 6, 7, 8, 9, 10].map(guest))));
  await expect(first.page.getByRole("button", { name: /^10 people here/ })).toBeVisible({ timeout: 20_000 });
  const plays: number[][] = [];
  for (let n = 1; n <= 3; n++) {
    const text = `A tone for ten, number ${n}`;
    await first.saved();
    plays.push(await shownAfter(() => first.playOwn("Tone", text), first, others, text));
    for (const who of others) await expect(who.card(text)).toBeVisible();
  }
  for (const [n, times] of plays.entries()) measured(`card ${n + 1} in nine other browsers`, times);
  measured("p95 of all cards", [percentile(plays.flat(), 0.95)]);
  await Promise.all([first, ...others].map((who) => who.leave()));
});

test("from a link until a browser that was never here shows all windows", async ({ browser, request }) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const there = await amber.page.locator("[data-window]").count();
  expect(there).toBeGreaterThanOrEqual(4);
  const tries: number[] = [];
  for (let n = 0; n < 3; n++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    // Runs in the page, so that the test's own delay is not measured: keeps the suggested name and enters.
    await page.addInitScript((windows) => {
      const observer = new MutationObserver(() => {
        document.querySelector<HTMLButtonElement>("form.gate-box button:enabled")?.click();
        if (document.querySelectorAll("[data-window]").length < windows) return;
        observer.disconnect();
        document.documentElement.setAttribute("data-there", String(performance.now()));
      });
      observer.observe(document, { childList: true, subtree: true });
    }, there);
    await page.goto(new URL(room.links.player).pathname + new URL(room.links.player).hash);
    await expect(page.locator("html")).toHaveAttribute("data-there", /./, { timeout: 20_000 });
    tries.push(Number(await page.locator("html").getAttribute("data-there")));
    for (const title of ["Stack", "Output", "Chat", "Note: Keep"])
      await expect(page.getByRole("region", { name: title, exact: true })).toBeVisible();
    await context.close();
  }
  measured("from the link to all windows of a browser that was never here", tries);
  await amber.leave();
});
