import { splice } from "@automerge/automerge/slim";
import { type DocHandle, Repo } from "@automerge/automerge-repo/slim";
import { beforeEach, describe, expect, it } from "vitest";
import type { Command } from "../commands";
import type { RoomDoc } from "../schema/document";
import { scalar } from "../schema/scalars";
import { applied } from "./changes";
import { History } from "./history";
import { type SharedText, SharedTexts } from "./sharedText";

const PATH = ["notes", "n", "text"];

describe("a shared text of an automerge-repo document", () => {
  let handle: DocHandle<RoomDoc>;
  let history: History;
  let texts: SharedTexts;
  let now: number;

  beforeEach(() => {
    now = 0;
    handle = new Repo({ network: [] }).create<RoomDoc>({
      title: "Room",
      notes: { n: { text: "one" } },
    } as unknown as RoomDoc);
    history = new History({
      fields: (command: Command) => handle.change((doc) => void command(doc)),
      text: (path, change) => texts.write(path, change),
    });
    texts = new SharedTexts(handle, history, () => {
      now += 10_000;
      return now;
    });
  });

  const remoteEdit = (edit: (doc: RoomDoc) => void): void => handle.change(edit);
  const insert = (text: SharedText, at: number, words: string): boolean =>
    text.edit({ splices: [{ from: at, to: at, insert: words }], kind: "insert", editor: {} });
  const inDocument = (): unknown => handle.doc().notes?.n?.text;

  /** The text of an editor that applies all reported changes. */
  const follower = (text: SharedText): (() => string) => {
    let shown = text.shown.raw;
    text.subscribe(({ change }) => {
      shown = applied(change, shown);
    });
    return () => shown;
  };

  it("reports the changes of this page and of other people to its subscribers", () => {
    const text = texts.at(PATH);
    const shown = follower(text);
    insert(text, 3, " two");
    remoteEdit((doc) => splice(doc, [...PATH], 0, 0, "zero "));
    expect([text.shown.raw, shown(), inDocument()]).toEqual(Array(3).fill("zero one two"));
  });

  it("undoes own edits while no editor shows the text, and keeps other people's letters", () => {
    insert(texts.at(PATH), 3, " two");
    remoteEdit((doc) => splice(doc, [...PATH], 5, 0, "-theirs-"));
    remoteEdit((doc) => Object.assign(doc, { title: "Other" }));
    expect(history.undo()).toEqual({ kind: "done", label: "Edit note" });
    expect(inDocument()).toBe("one-theirs-");
    history.redo();
    expect(String(inDocument()).replace("-theirs-", "")).toBe("one two");
  });

  it("follows a replacement of the whole text, and then undoes what remains of an own edit", () => {
    const text = texts.at(PATH);
    const shown = follower(text);
    insert(text, 3, " two");
    remoteEdit((doc) => Object.assign(doc.notes.n as object, { text: "one two three" }));
    expect([text.shown.raw, shown()]).toEqual(["one two three", "one two three"]);
    history.undo();
    expect([shown(), inDocument()]).toEqual(["one three", "one three"]);
    remoteEdit((doc) => Object.assign(doc.notes, { n: { text: "all new" } }));
    expect(shown()).toBe("all new");
    expect(history.redo().kind).not.toBe("empty");
    expect(shown()).toBe(inDocument());
  });

  it("replaces a scalar by a collaborative text at the first write", () => {
    remoteEdit((doc) => Object.assign(doc.notes.n as object, { text: scalar("one") }));
    const text = texts.at(PATH);
    expect(insert(text, 3, " two")).toBe(true);
    expect(inDocument()).toBe("one two");
  });

  it("rejects an edit of a removed text, and skips undo of earlier edits", () => {
    const text = texts.at(PATH);
    const shown = follower(text);
    insert(text, 3, " two");
    remoteEdit((doc) => delete (doc.notes as Partial<RoomDoc["notes"]>).n);
    expect(shown()).toBe("");
    expect(insert(text, 0, "lost?")).toBe(false);
    expect(history.undo()).toMatchObject({ kind: "skipped" });
    expect(history.undo()).toEqual({ kind: "empty" });
  });
});
