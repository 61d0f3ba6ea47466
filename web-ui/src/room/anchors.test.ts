import * as A from "@automerge/automerge";
import { describe, expect, it } from "vitest";
import { aRoom, run, synced } from "../testing/rooms";
import { cursorsOf, placeInAnswer, placeInText } from "./anchors";
import { addComment, resolveThread, setCommentText, setNoteText } from "./commands";
import { readComments, threadsOf } from "./schema/discussion";
import type { RoomDoc } from "./schema/document";
import { scalar } from "./schema/scalars";

const PATH = ["notes", "n", "text"];

function room(text: string): A.Doc<RoomDoc> {
  return run(aRoom(), setNoteText("n", text), (doc) => {
    doc.comments = {};
  });
}

const splice = (doc: A.Doc<RoomDoc>, at: number, remove: number, insert = ""): A.Doc<RoomDoc> =>
  run(doc, (draft) => A.splice(draft, PATH, at, remove, insert));

const anchorAt = (doc: A.Doc<RoomDoc>, quoted: string) => {
  const from = String(doc.notes.n?.text).indexOf(quoted);
  return { target: "note:n", quoted, ...cursorsOf(doc, PATH, { from, to: from + quoted.length }) };
};

const placed = (doc: A.Doc<RoomDoc>, anchor: ReturnType<typeof anchorAt>): string | null => {
  const place = placeInText(doc, PATH, anchor);
  return place === null ? null : String(doc.notes.n?.text).slice(place.from, place.to);
};

describe("[CM2] the place of a comment in a note", () => {
  it("moves with its letters while people write before, behind and inside of them", () => {
    let doc = room("Buy bread and milk today");
    const anchor = anchorAt(doc, "bread and milk");
    doc = splice(doc, 0, 0, "Please: ");
    expect(placed(doc, anchor)).toBe("bread and milk");
    doc = splice(doc, "Please: Buy bread".length, 0, ", eggs");
    expect(placed(doc, anchor)).toBe("bread, eggs and milk");
    doc = splice(doc, "Please: Buy bread, eggs and milk".length, 0, " and tea");
    expect(placed(doc, anchor)).toBe("bread, eggs and milk");
    doc = splice(doc, "Please: Buy ".length, "bread, ".length);
    expect(placed(doc, anchor)).toBe("eggs and milk");
  });

  it("is the first occurrence of its text if the cursors belong to another document", () => {
    const anchor = anchorAt(room("one two"), "two");
    const other = run(aRoom("bb"), setNoteText("n", "zero two two"));
    expect(placeInText(other, PATH, anchor)).toEqual({ from: 5, to: 8 });
    expect(placeInText(other, PATH, { ...anchor, start: "", end: "" })).toEqual({ from: 5, to: 8 });
    expect(placeInText(other, PATH, { ...anchor, start: "no cursor" })).toEqual({ from: 5, to: 8 });
  });

  it("has no cursors in a text that is a scalar, and then follows its words", () => {
    const doc = run(aRoom(), (draft) => {
      draft.notes.n = { text: scalar("plain words") };
    });
    expect(cursorsOf(doc, PATH, { from: 0, to: 5 })).toEqual({ start: "", end: "" });
  });
});

describe("[CM3] a comment whose text was removed", () => {
  it("has no place, and does not jump to another occurrence of its text", () => {
    let doc = room("the cat and the dog");
    const anchor = anchorAt(doc, "the");
    doc = splice(doc, 0, 4);
    expect(placed(doc, anchor)).toBeNull();
  });

  it("has its place again if an undo brings the letters back", () => {
    let doc = room("the cat and the dog");
    const anchor = { ...anchorAt(doc, "cat") };
    doc = splice(doc, 4, 4);
    expect(placed(doc, anchor)).toBeNull();
    doc = splice(doc, 4, 0, "cat ");
    expect(placeInText(doc, PATH, anchor)).toEqual({ from: 4, to: 7 });
  });

  it("has no place in an empty or missing note", () => {
    const doc = room("all of it");
    const anchor = anchorAt(doc, "all of it");
    expect(placed(splice(doc, 0, 9), anchor)).toBeNull();
    expect(placeInText(aRoom(), PATH, anchor)).toBeNull();
  });
});

describe("the place of a comment in an answer", () => {
  it.each([
    ["one two one two", "two", "5", { from: 4, to: 7 }],
    ["one two one two", "two", "13", { from: 12, to: 15 }],
    ["one two one two", "two", "", { from: 4, to: 7 }],
    ["one", "two", "0", null],
    ["one", "", "0", null],
  ])("in %j of %j near %j is %j", (text, quoted, start, place) => {
    expect(placeInAnswer(text, { quoted, start })).toEqual(place);
  });
});

describe("[CM1] comments of two people who are offline", () => {
  const anchor = { target: "note:n", quoted: "", start: "", end: "" };
  const by = (name: string, at: number) => ({ by: name, at });

  it("are all kept, in the order of their times, with replies in their threads", () => {
    const base = run(room("words"), addComment({ id: "1", ...by("ada", 1), text: "Why?", anchor }));
    const [a, b] = synced(
      run(A.clone(base, { actor: "a1" }), addComment({ id: "2", ...by("ada", 5), text: "More", anchor })),
      run(
        A.clone(base, { actor: "b1" }),
        addComment({ id: "2", ...by("bob", 4), text: "So.", anchor, thread: "1|ada" }),
        resolveThread("1|ada", by("bob", 6)),
      ),
    );
    expect(readComments(a)).toEqual(readComments(b));
    const threads = threadsOf(readComments(a));
    expect(threads.map(({ first, replies }) => [first.text, ...replies.map(({ text }) => text)])).toEqual([
      ["Why?", "So."],
      ["More"],
    ]);
    expect(threads[0]?.first.resolved).toEqual({ by: "bob", at: 6 });
    const reopened = run(a, resolveThread("1|ada", null));
    expect(threadsOf(readComments(reopened))[0]?.first.resolved).toBeNull();
  });

  it("[CM5] stay while a reply has text, and are gone when no comment of the thread has text", () => {
    let doc = run(
      room("words"),
      addComment({ id: "1", ...by("ada", 1), text: "Why?", anchor }),
      addComment({ id: "2", ...by("bob", 2), text: "So.", anchor, thread: "1|ada" }),
      setCommentText("1|ada", ""),
    );
    expect(threadsOf(readComments(doc)).map(({ first }) => first.text)).toEqual([""]);
    doc = run(doc, setCommentText("2|bob", ""));
    expect(threadsOf(readComments(doc))).toEqual([]);
  });
});
