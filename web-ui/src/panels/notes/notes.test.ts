import { describe, expect, it } from "vitest";
import { isCaretMessage } from "./carets";

describe("a caret message from another program", () => {
  const caret = { type: "parlor-caret", text: "notes/n1/text", anchor: "2@aa", head: null };
  it("is accepted only if it is well-formed", () => {
    expect(isCaretMessage(caret)).toBe(true);
    for (const malformed of [
      null,
      5,
      {},
      { ...caret, type: "x" },
      { ...caret, anchor: 5 },
      { ...caret, head: "x".repeat(300) },
      { ...caret, text: "x".repeat(300) },
    ]) {
      expect(isCaretMessage(malformed)).toBe(false);
    }
  });
});
