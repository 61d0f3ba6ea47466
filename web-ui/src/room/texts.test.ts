import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { aRoom, run, synced } from "../testing/rooms";
import {
  playCard,
  RoomIncomplete,
  renameWindow,
  sendMessage,
  setCardText,
  setNoteText,
  setTitle,
} from "./commands";
import { addWindow, ensureOutput, setWindowState } from "./commands/windows";
import { conflictsAt } from "./hooks";
import { joinedTextNotice, joinedTextOf } from "./joinedText";
import type { RoomDoc } from "./schema/document";
import { readWindows } from "./schema/read";
import { scalar } from "./schema/scalars";
import { makeText, writeText } from "./schema/texts";

const card = { id: "c", type: "tone", text: "x", by: "id_a", at: 1 } as const;

/** A room with a card whose text is a scalar, as another program may write it. */
function scalarCard(): A.Doc<RoomDoc> {
  return run(aRoom(), playCard(card), (doc) => {
    if (doc.cards.c) doc.cards.c.text = scalar("plain tone");
  });
}

describe("a field that holds a scalar or nothing instead of a collaborative text", () => {
  it("becomes a text with the content of the scalar, or an empty text", () => {
    const doc = run(scalarCard(), (draft) => {
      makeText(draft, ["cards", "c", "text"]);
    });
    expect(doc.cards.c?.text).toBe("plain tone");
    const missing = run(aRoom(), (draft) => {
      (draft as unknown as { notes: unknown }).notes = { n: {} };
    });
    expect(run(missing, setNoteText("n", "words")).notes.n?.text).toBe("words");
  });

  it("becomes a text with the content of every concurrent version", () => {
    const base = scalarCard();
    const set = (words: string) => (draft: RoomDoc) => {
      if (draft.cards.c) draft.cards.c.text = scalar(words);
    };
    const left = run(A.clone(base, { actor: "bb" }), set("by a program"));
    const right = run(A.clone(base, { actor: "cc" }), set("by another"));
    const [merged] = synced(left, right);
    const doc = run(merged, (draft) => {
      makeText(draft, ["cards", "c", "text"]);
    });
    expect(String(doc.cards.c?.text).split("\n").sort()).toEqual(["by a program", "by another"]);
    expect(conflictsAt(doc, ["cards", "c", "text"])).toHaveLength(1);
  });

  it("becomes two conflicting texts after concurrent edits, and both are kept", () => {
    const base = scalarCard();
    const left = run(A.clone(base, { actor: "bb" }), setCardText("c", "very plain tone"));
    const right = run(A.clone(base, { actor: "cc" }), setCardText("c", "plain tone, short"));
    for (const doc of synced(left, right)) {
      expect([...conflictsAt(doc, ["cards", "c", "text"])].sort()).toEqual([
        "plain tone, short",
        "very plain tone",
      ]);
    }
  });

  it("is not written if the object that contains it is missing", () => {
    const doc = aRoom();
    expect(A.getHeads(run(doc, (draft) => writeText(draft, ["cards", "gone", "text"], "x")))).toEqual(
      A.getHeads(doc),
    );
  });

  it("becomes a text when setTitle edits it", () => {
    const doc = run(
      aRoom(),
      (draft) => {
        draft.title = scalar("Launch");
      },
      setTitle("Launch page"),
    );
    expect(doc.title).toBe("Launch page");
  });
});

describe("a missing top-level part of the room", () => {
  const without = (key: keyof RoomDoc) =>
    run(aRoom(), (draft) => {
      delete (draft as Partial<RoomDoc>)[key];
    });

  it.each([
    ["cards", playCard(card)],
    ["notes", setNoteText("n", "words")],
    ["chat", sendMessage({ id: "m", text: "hi", by: "id_a", at: 1 })],
    [
      "windows",
      addWindow({ id: "w", type: "note", title: "w", x: 0, y: 0, width: 1, height: 1, by: "id_a", at: 1 }),
    ],
  ] as const)("is not created by a command: %s", (key, command) => {
    expect(() => run(without(key), command)).toThrow(RoomIncomplete);
  });
});

describe("titles of windows", () => {
  it("keep both values after two people renamed one window concurrently", () => {
    const base = run(
      aRoom(),
      addWindow({ id: "w", type: "note", title: "w", x: 0, y: 0, width: 1, height: 1, by: "id_a", at: 1 }),
    );
    const left = run(A.clone(base, { actor: "bb" }), renameWindow("w", "Plans"));
    const right = run(A.clone(base, { actor: "cc" }), renameWindow("w", "Ideas"));
    const [doc] = synced(left, right);
    expect([...conflictsAt(doc, ["windows", "w", "title"])].sort()).toEqual(["Ideas", "Plans"]);
  });
});

describe("the Output window of a room", () => {
  const by = { by: "id_a", at: 1, id: "fresh" };

  it("is made if it is missing; an existing one is not changed, whatever its state", () => {
    const made = run(aRoom(), ensureOutput(by));
    expect(readWindows(made)).toMatchObject([{ id: "fresh", type: "output", state: "open" }]);
    const closed = run(made, setWindowState("fresh", "closed"));
    expect(A.getHeads(run(A.clone(closed), ensureOutput({ ...by, id: "second" })))).toEqual(
      A.getHeads(closed),
    );
  });
});

describe("the notice about texts that the server merged", () => {
  it("names the note, and is shown only for a texts-joined message", () => {
    const doc = run(
      aRoom(),
      addWindow({
        id: "w",
        type: "note",
        title: "Keep",
        ref: "n",
        ...{ x: 0, y: 0, width: 1, height: 1 },
        by: "a",
        at: 1,
      }),
    );
    const path = joinedTextOf({ type: "texts-joined", path: "notes/n/text" });
    expect(path).toEqual(["notes", "n", "text"]);
    expect(joinedTextNotice(path ?? [], doc)).toContain("“Keep”");
    expect(joinedTextOf({ type: "text-cut", path: "title" })).toBeNull();
    expect(joinedTextOf("texts-joined")).toBeNull();
  });
});
