import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { describe, expect, it } from "vitest";
import { isCaretMessage } from "./carets";
import { baseExtensions } from "./editing";

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

describe("the text of an editor", () => {
  it("is in the tab order also if the person can only read it, so that the keyboard scrolls it", () => {
    const nothing = (): void => undefined;
    const options = { singleLine: false, code: false, onDone: nothing, undo: nothing, redo: nothing };
    const state = EditorState.create({
      extensions: [baseExtensions(options), EditorState.readOnly.of(true), EditorView.editable.of(false)],
    });
    const attributes = state.facet(EditorView.contentAttributes);
    expect(attributes).toContainEqual(expect.objectContaining({ tabindex: "0" }));
  });
});
