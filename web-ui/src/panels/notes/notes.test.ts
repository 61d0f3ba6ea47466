import { history, undo } from "@codemirror/commands";
import { EditorState, type TransactionSpec } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { isCaret } from "./carets";
import { onlyOwnUndo } from "./editing";

function editor(doc: string) {
  let state = EditorState.create({ doc, extensions: [onlyOwnUndo, history()] });
  const run = (spec: TransactionSpec) => {
    state = state.update(spec).state;
  };
  return {
    text: () => state.doc.toString(),
    mine: (from: number, insert: string) => run({ changes: { from, insert }, userEvent: "input.type" }),
    theirs: (from: number, insert: string, to = from) => run({ changes: { from, to, insert } }),
    undo: () =>
      undo({
        state,
        dispatch: (transaction) => {
          state = transaction.state;
        },
      }),
  };
}

describe("undo in a note", () => {
  it("[U6] takes back own words and leaves others', wherever they moved them", () => {
    const note = editor("one");
    note.mine(3, " two");
    note.theirs(0, "zero ");
    note.theirs(12, " three");
    expect(note.text()).toBe("zero one two three");
    expect(note.undo()).toBe(true);
    expect(note.text()).toBe("zero one three");
  });

  it("[U6] has nothing to take back when only others wrote", () => {
    const note = editor("");
    note.theirs(0, "theirs");
    expect(note.undo()).toBe(false);
    expect(note.text()).toBe("theirs");
  });
});

describe("a caret from somebody's program", () => {
  const caret = { type: "parlor-caret", text: "notes/n1/text", anchor: "2@aa", head: null };
  it("is believed only in its right shape", () => {
    expect(isCaret(caret)).toBe(true);
    for (const bad of [
      null,
      5,
      {},
      { ...caret, type: "x" },
      { ...caret, anchor: 5 },
      { ...caret, head: "x".repeat(300) },
      { ...caret, text: "x".repeat(300) },
    ]) {
      expect(isCaret(bad)).toBe(false);
    }
  });
});
