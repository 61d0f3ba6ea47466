import { describe, expect, it } from "vitest";
import { FoldedTexts, type Found, folded, HITS_MAX, runInSlices, type SearchItem, search } from "./find";

const item = (group: SearchItem["group"], text: string, at = 1): SearchItem => ({
  group,
  target: `${group}:${at}`,
  by: "ada",
  at,
  text,
});

function finished<T>(work: Generator<void, T, void>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const find = (items: readonly SearchItem[], query: string): Found =>
  finished(search(items, query, new FoldedTexts()));

const shown = (found: Found): readonly string[] =>
  [...found].flatMap(([group, { hits }]) =>
    hits.map(({ before, words, after }) => `${group}: ${before}[${words}]${after}`),
  );

describe("the search in the room", () => {
  it("groups the hits, ignores case, and shows the words around each hit in one line", () => {
    const found = find(
      [
        item("chat", "We take the\nTrain, then"),
        item("answers", `${"x".repeat(50)} the train ${"y".repeat(100)}`),
        item("notes", "no hit"),
      ],
      " the train",
    );
    expect(shown(found)).toEqual([
      `answers: …${"x".repeat(35)} [the train] ${"y".repeat(89)}…`,
      "chat: We take [the] Train, then",
    ]);
  });

  it("finds several words in any order, and marks the first of the query", () => {
    expect(shown(find([item("chat", "milk and bread")], "bread milk"))).toEqual(["chat: milk and [bread]"]);
    expect(shown(find([item("chat", "milk and bread")], "bread eggs"))).toEqual([]);
  });

  it("finds nothing for a blank query, and gives the exact position of the words", () => {
    expect(find([item("chat", "a")], "  ").size).toBe(0);
    const text = "İstanbul İS the end";
    expect(folded(text)).toHaveLength(text.length);
    const from = find([item("chat", text)], "THE END").get("chat")?.hits[0]?.from ?? -1;
    expect(text.slice(from)).toBe("the end");
  });

  it("shows the newest hits of a group and counts the others", () => {
    const many = Array.from({ length: 100 }, (_, at) => item("chat", "same words", 100 - at));
    const group = find(many, "words").get("chat");
    expect(group?.count).toBe(100);
    expect(group?.hits.map((hit) => hit.item.at)).toEqual(
      Array.from({ length: HITS_MAX }, (_, at) => 100 - at),
    );
  });

  it("folds a text once while it stays in the room", () => {
    const texts = new FoldedTexts();
    finished(search([item("chat", "One")], "o", texts));
    const first = texts.of("One");
    finished(search([item("chat", "One")], "n", texts));
    expect(texts.of("One")).toBe(first);
  });

  it("searches 2,000 messages and 300 long answers in many short steps", () => {
    const items = [
      ...Array.from({ length: 300 }, (_, at) => item("answers", `${"word ".repeat(4_000)}${at}`, at)),
      ...Array.from({ length: 2_000 }, (_, at) => item("chat", `A line of the chat, number ${at}`, at)),
    ];
    const work = search(items, "nothing of this kind", new FoldedTexts());
    let steps = 0;
    while (work.next().done !== true) steps++;
    // 6 million units at no more than 100,000 and one text a step.
    expect(steps).toBeGreaterThan(50);
  });
});

describe("a search in slices", () => {
  function* steps(count: number): Generator<void, string, void> {
    for (let i = 0; i < count; i++) yield;
    return "done";
  }

  it("gives the page a pause after 8 ms of steps, and ends with the result", () => {
    let now = 0;
    const tasks: (() => void)[] = [];
    const results: string[] = [];
    const clock = { now: () => now++, later: (task: () => void) => tasks.push(task) };
    runInSlices(steps(30), clock, (result) => results.push(result));
    let slices = 0;
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      slices++;
      task();
    }
    expect(results).toEqual(["done"]);
    expect(slices).toBe(4);
  });

  it("ends without a result if it is cancelled", () => {
    const tasks: (() => void)[] = [];
    const results: string[] = [];
    const cancel = runInSlices(steps(3), { now: () => 0, later: (task) => tasks.push(task) }, (result) =>
      results.push(result),
    );
    cancel();
    for (const task of tasks) task();
    expect(results).toEqual([]);
  });
});
