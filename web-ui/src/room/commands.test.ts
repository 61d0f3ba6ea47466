import * as A from "@automerge/automerge/slim";
import { describe, expect, it } from "vitest";
import { aRoom, run, synced } from "../testing/rooms";
import {
  addWindow,
  arrangeWindows,
  commandQueue,
  moveCard,
  moveWindow,
  muteCard,
  type NewCard,
  pickWindowValue,
  playCard,
  removeCard,
  requestGeneration,
  resizeWindow,
  restoreCard,
  sendMessage,
  setCardText,
  setNoteText,
  setTitle,
  setWindowParameters,
  setWindowState,
} from "./commands";
import { conflictsAt } from "./hooks";
import type { RoomDoc } from "./schema/document";
import { readCards, readChat, readGeneration, readNote, readTitle, readWindows } from "./schema/read";

const card = (id: string, text = id): NewCard => ({ id, type: "tone", text, by: "id_a", at: 5 });
const shown = (doc: RoomDoc): string[] =>
  readCards(doc)
    .filter((c) => c.removedBy === null)
    .map((c) => c.id);
const aWindow = (id: string, ref?: string) =>
  addWindow({
    id,
    type: "note",
    title: id,
    x: 10,
    y: 20,
    width: 300,
    height: 200,
    by: "id_a",
    at: 5,
    ref: ref ?? null,
  });

describe("cards", () => {
  it("a played card comes last in the stack; its text is collaborative and its other fields are scalars", () => {
    const doc = run(aRoom(), playCard(card("a")), playCard(card("b", "warm")));
    expect(shown(doc)).toEqual(["a", "b"]);
    expect(typeof doc.cards.b?.text).toBe("string");
    expect(doc.cards.b?.type).toBeInstanceOf(A.ImmutableString);
    expect(readCards(doc)[1]).toMatchObject({
      type: "tone",
      text: "warm",
      by: "id_a",
      at: 5,
      muted: false,
      removedBy: null,
    });
  });

  it("mute and remove each set their field, and restore clears the removal", () => {
    let doc = run(aRoom(), playCard(card("a")), muteCard("a", true), removeCard("a", "id_b"));
    expect(readCards(doc)[0]).toMatchObject({ muted: true, removedBy: "id_b" });
    doc = run(doc, restoreCard("a"));
    expect(shown(doc)).toEqual(["a"]);
  });

  it.each([
    ["a", 2, ["b", "c", "a"]],
    ["c", 0, ["c", "a", "b"]],
    ["b", 99, ["a", "c", "b"]],
    ["b", 1, ["a", "b", "c"]],
  ])("moving card %s to index %i gives the order %j", (id, index, expected) => {
    const doc = run(
      aRoom(),
      playCard(card("a")),
      playCard(card("b")),
      playCard(card("c")),
      moveCard(id, index),
    );
    expect(shown(doc)).toEqual(expected);
  });

  it.each([
    [0, ["x", "a", "c"]],
    [1, ["a", "x", "c"]],
    [2, ["a", "c", "x"]],
    [99, ["a", "c", "x"]],
  ])(
    "a card played at index %i among the cards that are not removed gives the order %j",
    (index, expected) => {
      const doc = run(
        aRoom(),
        playCard(card("a")),
        playCard(card("b")),
        playCard(card("c")),
        removeCard("b", "id_b"),
        playCard({ ...card("x"), index }),
      );
      expect(shown(doc)).toEqual(expected);
    },
  );

  it("a concurrent reorder neither duplicates nor drops a card, and both peers have the same order", () => {
    const base = run(aRoom(), playCard(card("a")), playCard(card("b")), playCard(card("c")));
    const left = run(A.clone(base, { actor: "bb" }), moveCard("a", 2), playCard(card("x")));
    const right = run(A.clone(base, { actor: "cc" }), moveCard("a", 1), removeCard("b", "id_c"));
    const [one, two] = synced(left, right);
    expect(shown(one)).toEqual(shown(two));
    expect([...shown(one)].sort()).toEqual(["a", "c", "x"]);
  });

  it("concurrent edits of a card's text are both kept", () => {
    const base = run(aRoom(), playCard(card("a", "plain tone")));
    const left = run(A.clone(base, { actor: "bb" }), setCardText("a", "very plain tone"));
    const right = run(A.clone(base, { actor: "cc" }), setCardText("a", "plain tone, no slogans"));
    expect(readCards(synced(left, right)[0])[0]?.text).toBe("very plain tone, no slogans");
  });
});

describe("windows", () => {
  it("a new note window also creates its note, and closing the window keeps the note", () => {
    const doc = run(aRoom(), aWindow("w", "n"), setNoteText("n", "kept"), setWindowState("w", "closed"));
    expect(readWindows(doc)[0]).toMatchObject({
      x: 10,
      y: 20,
      width: 300,
      height: 200,
      state: "closed",
      ref: "n",
    });
    expect(readNote(doc, "n")).toBe("kept");
  });

  it("a concurrent move and resize of a window are both kept", () => {
    const base = run(aRoom(), aWindow("w"));
    const left = run(A.clone(base, { actor: "bb" }), moveWindow("w", 70, 80));
    const right = run(A.clone(base, { actor: "cc" }), resizeWindow("w", 500, 400));
    expect(readWindows(synced(left, right)[0])[0]).toMatchObject({ x: 70, y: 80, width: 500, height: 400 });
  });

  it("if one person changes the seed of a pattern and another its speed at the same time, both are kept", () => {
    const base = run(aRoom(), aWindow("w"));
    const left = run(A.clone(base, { actor: "bb" }), setWindowParameters("w", { seed: "tide" }));
    const right = run(A.clone(base, { actor: "cc" }), setWindowParameters("w", { speed: 2 }));
    for (const doc of synced(left, right)) {
      const props = readWindows(doc)[0]?.props ?? {};
      expect([String(props.seed), props.speed]).toEqual(["tide", 2]);
    }
  });

  it("after two concurrent moves, both places are readable until a person picks one", () => {
    const base = run(aRoom(), aWindow("w"));
    const left = run(A.clone(base, { actor: "bb" }), moveWindow("w", 1, 2));
    const right = run(A.clone(base, { actor: "cc" }), moveWindow("w", 3, 4));
    const [doc] = synced(left, right);
    const values = conflictsAt(doc, ["windows", "w", "pos"]);
    expect([...values].sort()).toEqual(["1,2", "3,4"]);
    const otherValue = values[1] ?? "";
    const picked = run(doc, pickWindowValue("w", "pos", otherValue));
    expect(conflictsAt(picked, ["windows", "w", "pos"])).toEqual([otherValue]);
  });

  it("arranging many windows is one change", () => {
    const doc = run(aRoom(), aWindow("v"), aWindow("w"));
    const place = { x: 0, y: 0, width: 100, height: 100 };
    const next = run(
      doc,
      arrangeWindows(
        "Tile",
        new Map([
          ["v", place],
          ["w", { ...place, x: 100 }],
        ]),
      ),
    );
    expect(A.getChangesMetaSince(next, A.getHeads(doc))).toHaveLength(1);
    expect(readWindows(next).map((w) => w.x)).toEqual([0, 100]);
  });

  it("a layout writes the order of its windows and opens only the named windows", () => {
    const doc = run(aRoom(), aWindow("v"), aWindow("w"), setWindowState("v", "closed"));
    const places = (...ids: string[]) =>
      new Map(ids.map((id, at) => [id, { x: at * 100, y: 0, width: 100, height: 100 }]));
    const zOf = (from: RoomDoc) => Object.values(from.windows).map((window) => String(window.z));
    const tiled = run(A.clone(doc), arrangeWindows("Tile", places("v", "w")));
    expect(zOf(tiled).filter((z) => zOf(doc).includes(z))).toEqual([]);
    const cascaded = run(A.clone(doc), arrangeWindows("Cascade", places("w", "v")));
    expect(readWindows(cascaded).map((w) => `${w.id} ${w.state}`)).toEqual(["w open", "v closed"]);
    const reset = run(A.clone(doc), arrangeWindows("Reset", places("w", "v"), new Set(["v"])));
    expect(readWindows(reset).map((w) => w.state)).toEqual(["open", "open"]);
  });
});

describe("texts", () => {
  it("concurrent chat messages are all kept, in one order for all peers", () => {
    const base = aRoom();
    const left = run(A.clone(base, { actor: "bb" }), sendMessage({ id: "1", text: "hi", by: "id_b", at: 1 }));
    const right = run(
      A.clone(base, { actor: "cc" }),
      sendMessage({ id: "2", text: "ho", by: "id_c", at: 1 }),
    );
    const [one, two] = synced(left, right);
    expect(readChat(one).map((m) => m.text)).toEqual(readChat(two).map((m) => m.text));
    expect(readChat(one)).toHaveLength(2);
    expect(one.chat[0]?.text).toBeInstanceOf(A.ImmutableString);
  });

  it("concurrent edits of the title are both kept", () => {
    const base = run(aRoom(), setTitle("Launch copy"));
    const left = run(A.clone(base, { actor: "bb" }), setTitle("Launch page copy"));
    const right = run(A.clone(base, { actor: "cc" }), setTitle("Our Launch copy"));
    expect(readTitle(synced(left, right)[0])).toBe("Our Launch page copy");
  });

  it("a generation request records the current epoch, and each request is written to the lock", () => {
    const request = (id: string) =>
      requestGeneration({ request: id, query: "why", cards: ["a"], by: "id_a", at: 9 });
    const first = run(aRoom(), request("r1"));
    expect(readGeneration(first).lock?.request).toBe("r1");
    expect(readGeneration(run(first, request("r2"))).lock).toMatchObject({
      request: "r2",
      by: "id_a",
      at: 9,
      query: "why",
      cards: ["a"],
      seen: 0,
    });
  });

  it("a command for the queue names the request, its new place and its author", () => {
    const command = (part: Partial<Parameters<typeof commandQueue>[0]>) =>
      run(aRoom(), commandQueue({ id: "c1", do: "move", by: "id_a", at: 9, ...part })).generation.command;
    expect(JSON.parse(JSON.stringify(command({ request: "r1", before: null })))).toEqual({
      id: "c1",
      do: "move",
      request: "r1",
      before: null,
      by: "id_a",
      at: 9,
    });
    expect(Object.keys(command({ do: "resume" }) ?? {}).sort()).toEqual(["at", "by", "do", "id"]);
  });
});
