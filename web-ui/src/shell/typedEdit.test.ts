import { describe, expect, it } from "vitest";
import { typedEdit } from "./typedEdit";

describe("the edit that a person made in an input field", () => {
  it.each([
    ["a letter at the end", "ab", "abc", 3, { from: 2, to: 2, insert: "c" }],
    ["a letter between equal letters", "seed", "seeed", 2, { from: 1, to: 1, insert: "e" }],
    ["a letter removed before an equal letter", "abbc", "abc", 2, { from: 2, to: 3, insert: "" }],
    ["everything replaced", "Untitled room", "Three of us", 11, { from: 0, to: 13, insert: "Three of us" }],
    ["a program's edit, with the caret elsewhere", "abc", "Xabc", 4, { from: 0, to: 0, insert: "X" }],
    ["nothing", "abc", "abc", 1, { from: 1, to: 1, insert: "" }],
    ["all removed", "abc", "", 0, { from: 0, to: 3, insert: "" }],
  ])("is found for %s", (_, before, after, caret, splice) => {
    expect(typedEdit(before, after, caret)).toEqual(splice);
  });
});
