import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { aRoom } from "../testing/rooms";
import { deedsSince, newestFirst, WindowActivity } from "./activity";
import {
  addWindow,
  arrangeWindows,
  type Command,
  moveWindow,
  resizeWindow,
  setTitle,
  setWindowParameters,
  setWindowState,
} from "./commands";
import type { RoomDoc } from "./schema/document";

const NOTE = {
  id: "w1",
  type: "note",
  title: "Keep",
  x: 1,
  y: 2,
  width: 3,
  height: 4,
  by: "ann",
  at: 5,
} as const;

function by(doc: A.Doc<RoomDoc>, who: string, time: number, command: Command): A.Doc<RoomDoc> {
  return A.change(doc, { message: who, time }, (draft) => {
    command(draft);
  });
}

const told = (doc: A.Doc<RoomDoc>, seen: A.Heads = []) =>
  deedsSince(doc, seen).map(({ by: who, deed, windows, at }) => `${at} ${who} ${deed} ${windows.join(",")}`);

describe("changes of windows", () => {
  it("are read with kind, author and time from the document's history alone [RM9]", () => {
    let doc = by(aRoom(), "ann", 10, addWindow(NOTE));
    doc = by(doc, "bob", 11, moveWindow("w1", 30, 40));
    doc = by(doc, "bob", 12, resizeWindow("w1", 300, 400));
    doc = by(doc, "ann", 13, setWindowParameters("w1", { seed: "tide", speed: 0 }));
    doc = by(doc, "ann", 14, setTitle("no window at all"));
    doc = by(doc, "bob", 15, setWindowState("w1", "closed"));
    doc = by(doc, "ann", 16, setWindowState("w1", "open"));
    expect(told(A.load(A.save(doc)))).toEqual([
      "10000 ann opened w1",
      "11000 bob moved w1",
      "12000 bob resized w1",
      "13000 ann parameters w1",
      "15000 bob closed w1",
      "16000 ann opened w1",
    ]);
  });

  it("arranging many windows is one entry", () => {
    let doc = by(aRoom(), "ann", 10, addWindow(NOTE));
    doc = by(doc, "ann", 11, addWindow({ ...NOTE, id: "w2" }));
    const seen = A.getHeads(doc);
    const place = { x: 9, y: 9, width: 3, height: 4 };
    const both = new Map([
      ["w1", place],
      ["w2", place],
    ]);
    expect(told(by(doc, "bob", 12, arrangeWindows("Tile", both)), seen)).toEqual(["12000 bob moved w1,w2"]);
  });

  it("windows that were created without an author, as in a new room, are left out", () => {
    const doc = A.change(aRoom(), (draft) => {
      addWindow(NOTE)(draft);
    });
    expect(told(doc)).toEqual([]);
  });

  it("the same action repeated within minutes is one entry with its last time", () => {
    const deed = { key: "a", deed: "moved", windows: ["w1"], by: "ann", at: 1_000 } as const;
    const lines = newestFirst([
      deed,
      { ...deed, key: "b", at: 9_000 },
      { ...deed, key: "c", by: "bob", at: 5_000 },
    ]);
    expect(lines.map(({ key }) => key)).toEqual(["b", "c"]);
    expect(newestFirst([deed, { ...deed, key: "d", at: 900_000 }])).toHaveLength(2);
  });

  it("the document is followed only while a listener exists, and earlier changes are then included", () => {
    let doc = by(aRoom(), "ann", 10, addWindow(NOTE));
    const listeners = new Set<() => void>();
    const handle = {
      doc: () => doc,
      on: (_: string, listener: () => void) => listeners.add(listener),
      off: (_: string, listener: () => void) => listeners.delete(listener),
    } as unknown as ConstructorParameters<typeof WindowActivity>[0];
    const activity = new WindowActivity(handle);
    expect(activity.get()).toEqual([]);
    let woken = 0;
    const stop = activity.subscribe(() => woken++);
    expect(activity.get().map(({ deed }) => deed)).toEqual(["opened"]);
    doc = by(doc, "bob", 11, moveWindow("w1", 30, 40));
    for (const listener of listeners) listener();
    expect(activity.get().map(({ deed }) => deed)).toEqual(["moved", "opened"]);
    expect(woken).toBe(2);
    stop();
    expect(listeners.size).toBe(0);
  });
});
