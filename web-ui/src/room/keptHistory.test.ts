import * as A from "@automerge/automerge/slim";
import { beforeEach, describe, expect, it } from "vitest";
import { aRoom, run } from "../testing/rooms";
import { addWindow, type Command, moveWindow, setNoteText } from "./commands";
import { keepHistory, restoreHistory } from "./keptHistory";
import type { RoomDoc } from "./schema/document";
import { readNote, readWindows } from "./schema/read";
import { changeOf, inverseOf, type Splice, splicesOf } from "./text/changes";
import { History } from "./text/history";

const PATH = ["notes", "n", "text"];
let doc: A.Doc<RoomDoc>;
let stored: Map<string, string>;
const storage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
};
const text = (): string => readNote(doc, "n");
const splice = (splices: readonly Splice[]): void => {
  doc = A.change(doc, (draft) => {
    for (const { from, to, insert } of [...splices].reverse())
      A.splice(draft, [...PATH], from, to - from, insert);
  });
};
/** A page with its own history. It takes the steps of the page before. */
const page = (): History => {
  const history = new History({
    fields: (command) => {
      doc = run(doc, command);
    },
    text: (_, change) => {
      const before = text();
      if (before.length !== change.length) return null;
      splice(splicesOf(change));
      return inverseOf(change, before);
    },
  });
  restoreHistory(history, doc, "key", storage);
  return history;
};
const type = (history: History, from: number, insert: string, to = from): void => {
  const before = text();
  const change = changeOf(before.length, [{ from, to, insert }]);
  splice([{ from, to, insert }]);
  history.recordText({ label: "Edit note", path: PATH, change, before, kind: "other", now: 0 });
};
const own = (history: History, command: Command): void => {
  doc = A.change(doc, (draft) => {
    const step = command(draft);
    if (step) history.record(step);
  });
};
const keep = (history: History): void => keepHistory(history, doc, "key", storage);

beforeEach(() => {
  stored = new Map();
  const window = {
    id: "w",
    type: "note",
    title: "w",
    x: 1,
    y: 1,
    width: 10,
    height: 10,
    by: "a",
    at: 1,
  } as const;
  doc = run(aRoom(), addWindow({ ...window, ref: "n" }), setNoteText("n", "start "));
});

describe("undo after a reload of the page", () => {
  it("[TX9] undoes and redoes texts and fields in their order of time", () => {
    const before = page();
    type(before, 6, "one ");
    own(before, moveWindow("w", 50, 50));
    type(before, 10, "two");
    before.undo();
    keep(before);
    const after = page();
    expect(after.redo()).toEqual({ kind: "done", label: "Edit note" });
    expect(text()).toBe("start one two");
    after.undo();
    after.undo();
    expect(readWindows(doc)[0]).toMatchObject({ x: 1, y: 1 });
    after.undo();
    expect(text()).toBe("start ");
    expect(after.undo()).toEqual({ kind: "empty" });
  });

  it("keeps the letters that another person wrote during the reload, also inside the own words", () => {
    const before = page();
    type(before, 6, "mine");
    type(before, 0, "", 6);
    keep(before);
    splice([
      { from: 0, to: 0, insert: "<" },
      { from: 2, to: 2, insert: "-" },
    ]);
    expect(text()).toBe("<mi-ne");
    const after = page();
    after.undo();
    expect(text()).toContain("start ");
    after.undo();
    expect(text().replace("start ", "")).toBe("<-");
  });

  it("does not undo a field that another person changed during the reload", () => {
    const before = page();
    own(before, moveWindow("w", 50, 50));
    keep(before);
    doc = run(doc, moveWindow("w", 70, 70));
    expect(page().undo()).toMatchObject({ kind: "skipped" });
    expect(readWindows(doc)[0]).toMatchObject({ x: 70, y: 70 });
  });

  it("has no steps if the document has lost the state for which they count", () => {
    const old = A.clone(doc);
    const before = page();
    type(before, 0, "lost ");
    keep(before);
    doc = old;
    expect(page().undo()).toEqual({ kind: "empty" });
    expect(text()).toBe("start ");
  });

  it.each(["", "{}", "null", '{"version":1,"heads":[],"undo":[{"kind":"text"}]}'])(
    "has no steps after damage of what was kept: %j",
    (damaged) => {
      stored.set("key", damaged);
      expect(page().undo()).toEqual({ kind: "empty" });
    },
  );

  it("keeps the newest steps only, if all together are too large", () => {
    const before = page();
    for (let i = 0; i < 4; i++) {
      type(before, 0, "x".repeat(1_000));
      type(before, 0, "", 1_000);
    }
    type(before, 0, "last ");
    keepHistory(before, doc, "key", storage, 2_000);
    expect(stored.get("key")?.length).toBeLessThanOrEqual(2_000);
    const after = page();
    after.undo();
    expect(text()).toBe("start ");
    after.undo();
    expect(text().length).toBe(1_006);
  });
});
