import { expect, test } from "@playwright/test";
import { enter, newRoom } from "./people";

const ANSWERS = 60;
const ITEMS = 4_000;
const LIST = Array.from(
  { length: ITEMS },
  (_, n) => `- Item ${n} has **some** words of a usual length, as lists have`,
).join("\n");

test("a room from before conversations opens as one thread, and of long answers only what is near the view is drawn", async ({
  browser,
  request,
}) => {
  const old = await newRoom(request, "From before");
  const headers = { "Parlor-Key": old.key };
  const file = await (await request.get(`/api/rooms/${old.slug}/export?as=json`, { headers })).json();
  for (let n = 0; n < ANSWERS; n++) {
    file.results[`old-${String(n).padStart(3, "0")}`] = {
      by: "parlor",
      query: `Question ${n}`,
      prompt: "",
      model: "stub",
      cards: [],
      chunks: [n === ANSWERS - 1 ? LIST : `## Answer ${n}\n\nWith **words**.\n`],
      status: "done",
      reason: null,
      usage: null,
      epoch: n + 1,
      startedAt: 1_700_000_000_000 + n * 60_000,
      endedAt: 1_700_000_030_000 + n * 60_000,
    };
  }
  const response = await request.post("/api/rooms/import", { data: file });
  expect(response.status(), await response.text()).toBe(201);
  const { links } = await response.json();
  const amber = await enter(browser, links.host, "Amber Otter");
  const questions = amber.output.locator(".output-query");
  await expect(questions).toHaveCount(ANSWERS);
  expect(await questions.allTextContents()).toEqual(
    Array.from({ length: ANSWERS }, (_, n) => `Question ${n}`),
  );
  await expect(amber.output.getByRole("group", { name: /^Versions|^Conversations/ })).toHaveCount(0);

  // The page opens at the end. The end of the list is drawn as a list; its middle and the first answers are not.
  const last = amber.answer();
  await expect(last.getByRole("listitem").filter({ hasText: `Item ${ITEMS - 1} ` })).toBeInViewport();
  const slices = last.locator(".output-slice");
  const sliceCount = await slices.count();
  expect(sliceCount).toBeGreaterThan(40);
  const drawn = await last.locator('.output-slice[data-drawn="true"]').count();
  expect(drawn).toBeLessThan(sliceCount / 2);
  await expect(amber.output.locator('[data-answer="old-000"] .output-slice')).toHaveAttribute(
    "data-drawn",
    "false",
  );
  await amber.output.getByRole("article").last().getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(() => amber.page.evaluate(() => navigator.clipboard.readText())).toBe(LIST);

  // A part is drawn when it comes into view.
  await questions.first().scrollIntoViewIfNeeded();
  await expect(amber.output.getByRole("heading", { name: "Answer 0", exact: true })).toBeVisible();

  // A chat message and a moving pointer change nothing in the answers.
  await amber.page.evaluate(() => {
    const changes: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    const thread = document.querySelector(".thread");
    if (thread !== null) observer.observe(thread, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { changesOfAnswers: () => changes.length + observer.takeRecords().length });
  });
  await amber.say("hello");
  await expect(amber.chat).toContainText("hello");
  expect(await amber.page.evaluate("changesOfAnswers()")).toBe(0);
  await amber.page.getByRole("button", { name: "Jump to latest" }).click();
  await expect(last.getByRole("listitem").filter({ hasText: `Item ${ITEMS - 1} ` })).toBeInViewport();
  await amber.leave();
});
