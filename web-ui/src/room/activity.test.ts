import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { aRoom } from "../testing/rooms";
import { activitiesSince, newestFirst, WindowActivity } from "./activity";
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

function changedBy(doc: A.Doc<RoomDoc>, author: string, time: number, command: Command): A.Doc<RoomDoc> {
  return A.change(doc, { message: author, time }, (draft) => {
    command(draft);
  });
}

const summaries = (doc: A.Doc<RoomDoc>, since: A.Heads = []) =>
  activitiesSince(doc, since).map(
    ({ by: author, action, windows, at }) => `${at} ${author} ${action} ${windows.join(",")}`,
  );

describe("the activity list of windows", () => {
  it("contains each change with action, author and time, read from the document's history alone [RM9]", () => {
    let doc = changedBy(aRoom(), "ann", 10, addWindow(NOTE));
    doc = changedBy(doc, "bob", 11, moveWindow("w1", 30, 40));
    doc = changedBy(doc, "bob", 12, resizeWindow("w1", 300, 400));
    doc = changedBy(doc, "ann", 13, setWindowParameters("w1", { seed: "tide", speed: 0 }));
    doc = changedBy(doc, "ann", 14, setTitle("no window at all"));
    doc = changedBy(doc, "bob", 15, setWindowState("w1", "closed"));
    doc = changedBy(doc, "ann", 16, setWindowState("w1", "open"));
    expect(summaries(A.load(A.save(doc)))).toEqual([
      "10000 ann opened w1",
      "11000 bob moved w1",
      "12000 bob resized w1",
      "13000 ann parameters w1",
      "15000 bob closed w1",
      "16000 ann opened w1",
    ]);
  });

  it("has one entry for a command that arranges many windows", () => {
    let doc = changedBy(aRoom(), "ann", 10, addWindow(NOTE));
    doc = changedBy(doc, "ann", 11, addWindow({ ...NOTE, id: "w2" }));
    const before = A.getHeads(doc);
    const place = { x: 9, y: 9, width: 3, height: 4 };
    const places = new Map([
      ["w1", place],
      ["w2", place],
    ]);
    expect(summaries(changedBy(doc, "bob", 12, arrangeWindows("Tile", places)), before)).toEqual([
      "12000 bob moved w1,w2",
    ]);
  });

  it("leaves out windows that were created without an author, as in a new room", () => {
    const doc = A.change(aRoom(), (draft) => {
      addWindow(NOTE)(draft);
    });
    expect(summaries(doc)).toEqual([]);
  });

  it("has one entry, with the latest time, for an action that one person repeats within minutes", () => {
    const entry = { key: "a", action: "moved", windows: ["w1"], by: "ann", at: 1_000 } as const;
    const entries = newestFirst([
      entry,
      { ...entry, key: "b", at: 9_000 },
      { ...entry, key: "c", by: "bob", at: 5_000 },
    ]);
    expect(entries.map(({ key }) => key)).toEqual(["b", "c"]);
    expect(newestFirst([entry, { ...entry, key: "d", at: 900_000 }])).toHaveLength(2);
  });

  it("is read only while a listener exists, and then includes earlier changes", () => {
    let doc = changedBy(aRoom(), "ann", 10, addWindow(NOTE));
    const listeners = new Set<() => void>();
    const handle = {
      doc: () => doc,
      on: (_: string, listener: () => void) => listeners.add(listener),
      off: (_: string, listener: () => void) => listeners.delete(listener),
    } as unknown as ConstructorParameters<typeof WindowActivity>[0];
    const activity = new WindowActivity(handle);
    expect(activity.get()).toEqual([]);
    let notifications = 0;
    const stop = activity.subscribe(() => notifications++);
    expect(activity.get().map(({ action }) => action)).toEqual(["opened"]);
    doc = changedBy(doc, "bob", 11, moveWindow("w1", 30, 40));
    for (const listener of listeners) listener();
    expect(activity.get().map(({ action }) => action)).toEqual(["moved", "opened"]);
    expect(notifications).toBe(2);
    stop();
    expect(listeners.size).toBe(0);
  });
});
