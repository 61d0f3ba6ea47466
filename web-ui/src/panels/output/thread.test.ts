import { describe, expect, it } from "vitest";
import type { Result } from "../../room/schema/read";
import { mulberry32 } from "../hand/shuffle";
import { AnswerTree, liveBranches, type Node, unitsOfPath } from "./thread";

const node = (request: string, after: string | null | undefined, startedAt = 0): Node => ({
  request,
  startedAt,
  endedAt: startedAt + 1,
  ...(after === undefined ? {} : { after }),
});

const pathOf = (tree: AnswerTree<Node>, chosen: string | null) =>
  tree
    .path(chosen)
    .map((step) => step.answer.request)
    .join("");

/** a → b → c, and d, e follow a; f begins a new conversation. */
const TREE = new AnswerTree([
  node("a", ""),
  node("b", "a"),
  node("c", "b"),
  node("d", "a"),
  node("e", "d"),
  node("f", ""),
]);

describe("the conversation that Output shows", () => {
  it("is the path to the newest answer, if the reader has chosen none", () => {
    expect(pathOf(TREE, null)).toBe("f");
    expect(pathOf(new AnswerTree([]), null)).toBe("");
  });

  it("is the path through the chosen answer, oldest first, continued by the newest answers below it", () => {
    expect(pathOf(TREE, "a")).toBe("ade");
    expect(pathOf(TREE, "b")).toBe("abc");
    expect(pathOf(TREE, "d")).toBe("ade");
    expect(pathOf(TREE, "unknown")).toBe("f");
  });

  it("names all answers at each branch, also the first answers of the conversations", () => {
    expect(TREE.path("c").map((step) => step.siblings)).toEqual([["a", "f"], ["b", "d"], ["c"]]);
  });

  it("is one thread, if the room was made before answers named the answer before them", () => {
    const old = new AnswerTree([node("a", undefined, 1), node("b", null, 2), node("c", undefined, 3)]);
    expect(pathOf(old, null)).toBe("abc");
    expect(old.path(null).every((step) => step.siblings.length === 1)).toBe(true);
    const continued = new AnswerTree([node("a", undefined, 1), node("b", undefined, 2), node("c", "b", 3)]);
    expect(pathOf(continued, null)).toBe("abc");
  });

  it("begins at an answer that follows an unknown request", () => {
    expect(pathOf(new AnswerTree([node("a", ""), node("b", "gone"), node("c", "b")]), null)).toBe("bc");
  });

  it("has an end and contains every answer once, also in a document whose answers follow each other in a circle", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = mulberry32(seed);
      const names = Array.from({ length: 9 }, (_, index) => `r${index}`);
      const answers = names.map((name, index) => {
        const other = names[Math.floor(random() * names.length)];
        return node(name, random() < 0.2 ? undefined : random() < 0.3 ? "" : other, index);
      });
      const tree = new AnswerTree(answers);
      for (const name of names) {
        const requests = tree.path(name).map((step) => step.answer.request);
        expect(new Set(requests).size).toBe(requests.length);
        expect(requests).toContain(name);
      }
      const reached = new Set<string>();
      const visit = (request: string): void => {
        for (const child of tree.childrenOf(request)) {
          expect(reached.has(child)).toBe(false);
          reached.add(child);
          visit(child);
        }
      };
      visit("");
      expect(reached.size).toBe(names.length);
    }
  });
});

const answer = (request: string, after: string | null, status: Result["status"] = "done"): Result => ({
  request,
  after,
  by: "ada",
  query: "1234",
  prompt: "",
  model: "",
  cards: [],
  text: "123456",
  status,
  reason: null,
  usage: null,
  epoch: 1,
  startedAt: 0,
  endedAt: null,
  ttftMs: null,
  totalMs: null,
});

describe("an answer that is written on another way", () => {
  const tree = new AnswerTree([
    answer("a", ""),
    answer("b", "a"),
    answer("c", "a"),
    answer("d", "c", "running"),
    answer("e", "", "running"),
  ]);
  const live = (chosen: string) => [...liveBranches(tree, tree.path(chosen))];

  it("marks the branch of the shown conversation from which its way leads", () => {
    expect(live("b").sort()).toEqual(["a", "b"]);
    expect(live("e")).toEqual(["e"]);
  });

  it("marks nothing if the running answer is in the shown conversation", () => {
    const single = new AnswerTree([answer("a", ""), answer("b", "a", "running")]);
    expect(liveBranches(single, single.path("a")).size).toBe(0);
  });
});

describe("the size of the earlier answers that go with a question [PF9]", () => {
  const tree = new AnswerTree([
    answer("old", null),
    answer("a", "old"),
    { ...answer("b", "a"), text: " " },
    answer("c", "b"),
    answer("x", ""),
  ]);

  it("counts questions and answers of the path, without answers that have no words", () => {
    expect(unitsOfPath(tree, "c")).toBe(30);
    expect(unitsOfPath(tree, "x")).toBe(10);
    expect(unitsOfPath(tree, "")).toBe(0);
    expect(unitsOfPath(tree, "gone")).toBe(0);
  });

  it("ends in a circle", () => {
    expect(unitsOfPath(new AnswerTree([answer("a", "b"), answer("b", "a")]), "a")).toBe(20);
  });
});
