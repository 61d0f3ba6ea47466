import { describe, expect, it } from "vitest";
import { pinned, withQuote } from "./quotes";

describe("a quote in a chat message", () => {
  it("stands behind the words that are already there, with the caret's line below it", () => {
    expect(withQuote("", "one\r\n\r\ntwo\n")).toBe("> one\n>\n> two\n\n");
    expect(withQuote("Look: ", "one")).toBe("Look:\n\n> one\n\n");
  });
});

describe("a quote that is pinned to a note", () => {
  it.each([
    ["", "> one\n— the answer to Ada\n"],
    ["words", "\n\n> one\n— the answer to Ada\n"],
    ["words\n", "\n> one\n— the answer to Ada\n"],
    ["words\n\n", "> one\n— the answer to Ada\n"],
  ])("behind %j has a blank line before it and its source below it", (note, expected) => {
    expect(pinned(note, "one", "the answer to Ada")).toBe(expected);
  });
});
