import { percentile } from "./support/figures";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";

/** Answers before the measured answers: the frame's process, the packages and the compiled code are then there. */
const WARM_RUNS = 2;
/** Two people ask in turns, since the server answers at most ten questions of a person within a minute. */
const RUNS = 18;
/** Milliseconds between two pieces of 8 characters: 800 characters in a second, as a fast model writes. */
const PIECE_MS = 10;

const answerWithApp = (number: number): string => `Here it is.

\`\`\`jsx
import { useState } from "react";

export default function Counter() {
  const [count, setCount] = useState(${number});
  return <button onClick={() => setCount(count + 1)}>Counted {count}</button>;
}
\`\`\`
`;

/**
 * Clicks "Open as app" as soon as the page shows it with the answer to this query. The code runs in the page, so the
 * test adds no delay.
 */
async function openAppAtOnce(person: Person, query: string): Promise<void> {
  await person.page.evaluate((wanted) => {
    const observer = new MutationObserver(() => {
      const heading = [...document.querySelectorAll(".output-query")].find(
        (query) => query.textContent === wanted,
      );
      const exchange = heading?.closest("article");
      const open = [...(exchange?.querySelectorAll("button") ?? [])].find(
        (button) => button.textContent.trim() === "Open as app",
      );
      if (open === undefined) return;
      observer.disconnect();
      open.click();
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  }, query);
}

/** The next question starts a conversation. Within a conversation, a new answer would update the app of an earlier answer. */
async function startConversation(person: Person): Promise<void> {
  await person.page.getByRole("button", { name: "Choose what the question follows" }).click();
  await person.page.getByRole("menuitem", { name: "Start a new conversation" }).click();
}

/** The time on the machine's clock at which the browser first painted contents of the person's app. */
async function firstPixel(person: Person, number: number): Promise<number> {
  const frame = person.region("Counter").frameLocator("iframe");
  const button = frame.getByRole("button", { name: `Counted ${number}` });
  await expect(button).toBeVisible({ timeout: 30_000 });
  return button.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const paint = list.getEntriesByName("first-contentful-paint")[0];
          if (paint !== undefined) resolve(performance.timeOrigin + paint.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

test("time from the last token of an answer to the first pixel of its app in another browser", async ({
  arrive,
  server,
  model,
}) => {
  test.setTimeout(120_000);
  let asking = await arrive("Ada", { reducedMotion: "reduce" });
  let watching = await arrive("Bob", { reducedMotion: "reduce" });
  await watching.follow(await asking.openRoom(server.url, "Counters"));
  model.pieceDelayMillis = PIECE_MS;
  const millis: number[] = [];
  for (let run = 0; run < WARM_RUNS + RUNS; run++) {
    model.answer = answerWithApp(run);
    const query = `Make counter ${run}`;
    if (run > 0) await startConversation(asking);
    await asking.page.getByRole("textbox", { name: "Query" }).fill(query);
    await openAppAtOnce(asking, query);
    await asking.page.getByRole("button", { name: "Generate", exact: true }).click();
    const paintedAt = await firstPixel(watching, run);
    if (run >= WARM_RUNS) millis.push(paintedAt - model.lastPieceAt);
    await asking
      .region("Counter")
      .getByRole("button", { name: /^Close/ })
      .click();
    await expect(watching.region("Counter")).toHaveCount(0);
    [asking, watching] = [watching, asking];
  }
  const [median, high, most] = [0.5, 0.95, 1].map((fraction) => Math.round(percentile(millis, fraction)));
  process.stdout.write(`\n  first-pixel: ${high} ms (p50 ${median} ms, longest ${most} ms)\n`);
});
