import { describe, expect, it } from "vitest";
import { carriedCaret } from "./caret";

describe("a caret under another person's edit", () => {
  it.each([
    ["abc", "Xabc", 2, 3],
    ["abc", "abcX", 2, 2],
    ["abc", "aXc", 2, 2],
    ["abcd", "ad", 3, 1],
    ["abcd", "abcd", 3, 3],
    ["", "hi", 0, 0],
  ])("%s -> %s: %i becomes %i", (before, after, at, expected) => {
    expect(carriedCaret(before, after, at)).toBe(expected);
  });
});
