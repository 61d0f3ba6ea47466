import { splice } from "@automerge/automerge/slim";
import { type DocHandle, Repo } from "@automerge/automerge-repo/slim";
import { beforeEach, describe, expect, it } from "vitest";
import type { Command } from "../commands";
import type { RoomDoc } from "../schema/document";
import { History } from "./history";
import { PART, writeLargeEdit } from "./largeEdit";
import { SharedTexts } from "./sharedText";

const PATH = ["notes", "n", "text"];
let handle: DocHandle<RoomDoc>;
let history: History;
let texts: SharedTexts;
let tasks: (() => void)[];
let ended: number[];

const content = (): string => String(handle.doc().notes?.n?.text);
const write = (from: number, to: number, insert: string, part = 4): void =>
  writeLargeEdit(
    texts.at(PATH),
    { from, to, insert },
    { later: (call) => void tasks.push(call), clock: () => 0, onEnd: (end) => ended.push(end), part },
  );
const runTask = (): void => tasks.shift()?.();
const runAll = (): void => {
  while (tasks.length > 0) runTask();
};
const byOther = (at: number, remove: number, insert: string): void =>
  handle.change((doc) => splice(doc, [...PATH], at, remove, insert));

beforeEach(() => {
  tasks = [];
  ended = [];
  handle = new Repo({ network: [] }).create<RoomDoc>({ notes: { n: { text: "[]" } } } as unknown as RoomDoc);
  history = new History({
    fields: (command: Command) => handle.change((doc) => void command(doc)),
    text: (path, change) => texts.write(path, change),
  });
  texts = new SharedTexts(handle, history, () => 0);
});

describe("a large edit", () => {
  it("is written in parts, one in each task, and ends with the whole text", () => {
    write(1, 1, "abcdefghij");
    expect(content()).toBe("[abcd]");
    runTask();
    expect(content()).toBe("[abcdefgh]");
    runAll();
    expect([content(), ended]).toEqual(["[abcdefghij]", [11]]);
  });

  it("stays together although this person and others write before, in and after it meanwhile", () => {
    write(1, 1, "abcdefghij");
    byOther(0, 0, "<<");
    byOther(content().length, 0, ">>");
    byOther(content().indexOf("b"), 0, "-");
    texts.at(PATH).edit({ splices: [{ from: 0, to: 0, insert: "me " }], kind: "insert", editor: {} });
    runAll();
    expect(content()).toBe("me <<[a-bcdefghij]>>");
  });

  it("replaces a selection, and removes no letters that others have written beside it", () => {
    handle.change((doc) => splice(doc, [...PATH], 1, 0, "0123456789"));
    write(1, 11, "new");
    expect(content()).toBe("[012345]");
    byOther(0, 0, "x");
    byOther(content().length - 1, 0, "y");
    runAll();
    expect(content()).toBe("x[newy]");
  });

  it("of 200,000 letters is seven changes, since a page that receives a change reads the whole text", () => {
    const changes = (): number => handle.history()?.length ?? 0;
    const before = changes();
    write(1, 1, "y".repeat(200_000), PART);
    runAll();
    expect([content().length, changes() - before]).toEqual([200_002, 7]);
  });

  it("keeps characters of two units whole", () => {
    write(1, 1, "abc\u{1f600}def\u{1f600}", 4);
    expect(content()).toBe("[abc]");
    runAll();
    expect(content()).toBe("[abc\u{1f600}def\u{1f600}]");
    write(1, content().length - 1, "", 3);
    runAll();
    expect(content()).toBe("[]");
  });

  it("is undone part by part, after which the text is as before", () => {
    write(1, 1, "x".repeat(6));
    runAll();
    history.undo();
    expect(content()).toBe("[xxxx]");
    history.undo();
    expect(content()).toBe("[]");
    expect(history.undo()).toEqual({ kind: "empty" });
  });
});
