import { describe, expect, it } from "vitest";
import type { Result } from "../../room/schema/read";
import { AnswerTree } from "../output/thread";
import { choicesOf, partnerOf } from "./choices";
import { changedPlaces, type Piece, type Row, rowsOf, wordCount } from "./difference";

const joined = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join("");
const changed = (pieces: readonly Piece[]): readonly string[] =>
  pieces.filter(({ isChanged }) => isChanged).map(({ text }) => text);

/** The text of a side, put together from its rows. */
const side = (rows: readonly Row[], which: "left" | "right"): string =>
  rows
    .map((row) => (row.kind === "same" ? row.lines.join("\n") : joined(row[which])))
    .filter((text, at) => text !== "" || rows[at]?.kind === "same")
    .join("\n");

describe("the comparison of two answers", () => {
  it("marks the words that differ inside a changed line, and leaves equal lines alone", () => {
    const rows = rowsOf(
      "A title\n\nThe harbour is quiet at night.\n\nThe end",
      "A title\n\nThe harbour is busy at night.\n\nThe end",
    );
    expect(rows.map(({ kind }) => kind)).toEqual(["same", "changed", "same"]);
    const [, row] = rows;
    if (row?.kind !== "changed") throw new Error("no changed row");
    expect([changed(row.left), changed(row.right)]).toEqual([["quiet"], ["busy"]]);
    expect(row.isRewritten).toBe(false);
  });

  it("has an empty side where lines were added or removed", () => {
    const [, added] = rowsOf("one\nthree", "one\ntwo\nthree");
    expect(added).toMatchObject({ kind: "changed", left: [], right: [{ text: "two", isChanged: true }] });
    const [removed] = rowsOf("zero\none", "one");
    expect(removed).toMatchObject({ kind: "changed", left: [{ text: "zero" }], right: [] });
    const last = rowsOf("one", "one\ntwo").at(-1);
    if (last?.kind !== "changed") throw new Error("no changed row");
    expect([changed(last.left), changed(last.right).join("").trim()]).toEqual([[], "two"]);
  });

  it("has only equal lines for equal texts, also if their line ends differ", () => {
    expect(rowsOf("a\r\nb", "a\nb")).toEqual([{ kind: "same", lines: ["a", "b"] }]);
    expect(changedPlaces(rowsOf("", ""))).toBe(0);
  });

  it("calls lines rewritten if little is equal", () => {
    const [row] = rowsOf("Alpha beta gamma delta epsilon", "Completely other words stand here now");
    expect(row).toMatchObject({ kind: "changed", isRewritten: true });
  });

  it("loses no letter of either answer, for 200 drawn pairs", () => {
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const words = ["tide", "quay", "lamp", "מים", "🦦", "two words", "- item", "**bold**"];
    const line = (): string => Array.from({ length: 1 + next(5) }, () => words[next(words.length)]).join(" ");
    for (let n = 0; n < 200; n++) {
      const left = Array.from({ length: 1 + next(12) }, line);
      const right = left.flatMap((each) => [[each], [each], [], [line()], [each, line()]][next(5)] ?? []);
      if (right.length === 0) right.push(line());
      const rows = rowsOf(left.join("\n"), right.join("\n"));
      expect(side(rows, "left")).toBe(left.join("\n"));
      expect(side(rows, "right")).toBe(right.join("\n"));
    }
  });

  it("counts words of both scripts", () => {
    expect(wordCount("  two  words\nשלוש ")).toBe(3);
    expect(wordCount("")).toBe(0);
  });
});

const answer = (request: string, after: string, more: Partial<Result> = {}): Result =>
  ({ request, after, query: "why", text: `text of ${request}`, status: "done", ...more }) as Result;

describe("the choice of answers to compare", () => {
  const tree = new AnswerTree([
    answer("a", "", { query: "first" }),
    answer("b", "a"),
    answer("c", "a"),
    answer("d", "c", { query: "next" }),
    answer("empty", "a", { text: " " }),
    answer("live", "d", { status: "running" }),
  ]);

  it("offers each ended answer with words, and the versions of the other side first", () => {
    const { versions, others } = choicesOf(tree, "b");
    expect(versions.map(({ request }) => request)).toEqual(["c"]);
    expect(others.map(({ request }) => request)).toEqual(["a", "d"]);
  });

  it("begins with the version before, else the version after, else the answer before or after", () => {
    expect(partnerOf(tree, "c")).toBe("b");
    expect(partnerOf(tree, "b")).toBe("c");
    expect(partnerOf(tree, "d")).toBe("c");
    expect(partnerOf(tree, "a")).toBe("b");
    expect(partnerOf(new AnswerTree([answer("a", "")]), "a")).toBe(null);
  });
});
