import * as A from "@automerge/automerge/slim";
import { beforeEach, describe, expect, it } from "vitest";
import { aRoom } from "../../testing/rooms";
import {
  addWindow,
  arrangeWindows,
  type Command,
  moveWindow,
  muteCard,
  playCard,
  removeCard,
  restoreCard,
} from "../commands";
import { readCards, readWindows } from "../schema/read";
import { applied, changeOf, inverseOf, type Splice } from "./changes";
import { History } from "./history";
import type { EditKind } from "./ownEdits";

let doc = aRoom();
let history: History;

/** A field edit by another person. */
const remoteChange = (command: Command): void => {
  doc = A.change(doc, (draft) => {
    command(draft);
  });
};

/** A field edit by this person, which the history records. */
const ownChange = (command: Command): void => {
  doc = A.change(doc, (draft) => {
    const step = command(draft);
    if (step) history.record(step);
  });
};

const texts = new Map<string, string>();
let now = 0;

/** A text edit by this person, after a pause in milliseconds. */
const ownEdit = (
  name: string,
  splices: readonly Splice[],
  kind: EditKind = "insert",
  pause = 10_000,
): void => {
  now += pause;
  const before = texts.get(name) ?? "";
  const textChange = changeOf(before.length, splices);
  history.recordText({ label: `Edit ${name}`, path: [name], change: textChange, before, kind, now });
  texts.set(name, applied(textChange, before));
};
const type = (name: string, from: number, insert: string, pause?: number): void =>
  ownEdit(name, [{ from, to: from, insert }], "insert", pause);

/** A text edit by another person. */
const remoteEdit = (name: string, splices: readonly Splice[]): void => {
  const before = texts.get(name) ?? "";
  const textChange = changeOf(before.length, splices);
  history.rebase([name], textChange);
  texts.set(name, applied(textChange, before));
};

beforeEach(() => {
  doc = aRoom();
  texts.clear();
  now = 0;
  history = new History({
    fields: remoteChange,
    text: (path, textChange) => {
      const name = path.join("/");
      const before = texts.get(name);
      if (before === undefined || before.length !== textChange.length) return null;
      texts.set(name, applied(textChange, before));
      return inverseOf(textChange, before);
    },
  });
});

const card = playCard({ id: "a", type: "role", text: "editor", by: "id_a", at: 1 });
const NEW_WINDOW = {
  id: "w",
  type: "note",
  title: "n",
  x: 1,
  y: 1,
  width: 10,
  height: 10,
  by: "id_a",
  at: 1,
} as const;
const window = addWindow(NEW_WINDOW);

describe("undo of field edits", () => {
  it("removes a played card, and redo restores it", () => {
    ownChange(card);
    expect(history.undo()).toEqual({ kind: "done", label: "Play card" });
    expect(readCards(doc)[0]?.removedBy).toBe("id_a");
    history.redo();
    expect(readCards(doc)[0]?.removedBy).toBeNull();
  });

  it("undoes several steps one after another, and redo redoes them", () => {
    ownChange(window);
    ownChange(moveWindow("w", 5, 5));
    ownChange(moveWindow("w", 9, 9));
    history.undo();
    history.undo();
    expect(readWindows(doc)[0]).toMatchObject({ x: 1, y: 1 });
    history.redo();
    expect(readWindows(doc)[0]).toMatchObject({ x: 5, y: 5 });
  });

  it("keeps a value that another person has changed since, and reports the step as skipped", () => {
    ownChange(window);
    ownChange(moveWindow("w", 5, 5));
    remoteChange(moveWindow("w", 70, 70));
    expect(history.undo()).toMatchObject({ kind: "skipped", label: "Move window" });
    expect(readWindows(doc)[0]).toMatchObject({ x: 70, y: 70 });
  });

  it("cannot redo after a new edit, and reports an empty history", () => {
    ownChange(card);
    ownChange(muteCard("a", true));
    history.undo();
    ownChange(removeCard("a", "id_a"));
    expect(history.canRedo).toBe(false);
    history.undo();
    history.undo();
    expect(history.undo()).toEqual({ kind: "empty" });
  });

  it("skips edits that changed nothing", () => {
    ownChange(card);
    ownChange(restoreCard("a"));
    expect(history.undo()).toMatchObject({ label: "Play card" });
  });
});

describe("undo of text edits", () => {
  it("undoes the newest edit first, in one history for texts and fields [TX6]", () => {
    ownChange(card);
    ownChange(muteCard("a", true));
    type("b", 0, " ZZZ");
    expect(history.undo()).toEqual({ kind: "done", label: "Edit b" });
    expect(texts.get("b")).toBe("");
    expect(readCards(doc)[0]?.muted).toBe(true);
    history.undo();
    expect(readCards(doc)[0]?.muted).toBe(false);
    history.redo();
    history.redo();
    expect([readCards(doc)[0]?.muted, texts.get("b")]).toEqual([true, " ZZZ"]);
  });

  it("undoes letters typed without a pause as one step; a pause, another place or another step separates", () => {
    type("t", 0, "a");
    type("t", 1, "b", 100);
    type("t", 2, "c", 100);
    type("t", 3, "d", 700);
    type("t", 0, "e", 100);
    ownChange(card);
    type("t", 5, "f", 0);
    expect(texts.get("t")).toBe("eabcdf");
    const results = [1, 2, 3, 4, 5].map(() => [history.undo(), texts.get("t")] as const);
    expect(results.map(([, text]) => text)).toEqual(["eabcd", "eabcd", "abcd", "abc", ""]);
    expect(history.undo()).toEqual({ kind: "empty" });
  });

  it("undoes a composition as one step, however long it takes, and the next composition as another", () => {
    ownEdit("t", [{ from: 0, to: 0, insert: "n" }], "compose 1");
    ownEdit("t", [{ from: 1, to: 1, insert: "i" }], "compose 1");
    ownEdit("t", [{ from: 0, to: 2, insert: "你" }], "compose 1");
    ownEdit("t", [{ from: 1, to: 1, insert: "好" }], "compose 2", 10);
    history.undo();
    expect(texts.get("t")).toBe("你");
    history.undo();
    expect(texts.get("t")).toBe("");
  });

  it("removes exactly the own letters after other people wrote before, inside and after them [TX7]", () => {
    type("t", 0, "word");
    remoteEdit("t", [
      { from: 0, to: 0, insert: "<" },
      { from: 2, to: 2, insert: "-" },
      { from: 4, to: 4, insert: ">" },
    ]);
    expect(texts.get("t")).toBe("<wo-rd>");
    history.undo();
    expect(texts.get("t")).toBe("<->");
    remoteEdit("t", [{ from: 1, to: 1, insert: "*" }]);
    history.redo();
    expect(texts.get("t")?.replace(/[<>*-]/g, "")).toBe("word");
    history.undo();
    expect(texts.get("t")).toBe("<*->");
  });

  it("restores removed letters at their place although other people wrote around it", () => {
    type("t", 0, "one two three");
    ownEdit("t", [{ from: 4, to: 8, insert: "" }], "delete");
    remoteEdit("t", [{ from: 0, to: 0, insert: "zero " }]);
    remoteEdit("t", [{ from: 14, to: 14, insert: " four" }]);
    history.undo();
    expect(texts.get("t")).toBe("zero one two three four");
  });

  it("reports a step as skipped if other people removed all its letters, and then undoes the step before it", () => {
    type("t", 0, "mine");
    type("t", 4, " more");
    remoteEdit("t", [{ from: 4, to: 9, insert: "" }]);
    expect(history.undo()).toMatchObject({ kind: "skipped" });
    expect(history.undo()).toMatchObject({ kind: "done" });
    expect(texts.get("t")).toBe("");
  });

  it("keeps the newest 200 steps", () => {
    for (let i = 0; i < 260; i++) type("t", i, "x");
    for (let i = 0; i < 200; i++) expect(history.undo().kind).toBe("done");
    expect(history.undo()).toEqual({ kind: "empty" });
    expect(texts.get("t")).toHaveLength(60);
  });

  it("for any sequence of edits: undo of all steps keeps remote letters, and redo of all restores own letters", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = lcg(seed);
      history = new History({
        fields: remoteChange,
        text: (path, textChange) => {
          const before = texts.get(path[0] as string) ?? "";
          texts.set(path[0] as string, applied(textChange, before));
          return inverseOf(textChange, before);
        },
      });
      texts.clear();
      texts.set("p", "");
      texts.set("q", "");
      for (let i = 0; i < 25; i++) {
        const name = random(2) === 0 ? "p" : "q";
        const length = texts.get(name)?.length ?? 0;
        const choice = random(8);
        // Own letters are lower case, remote letters upper case. Remote edits only insert, so all their letters must
        // stay.
        if (choice < 4) type(name, random(length + 1), "abcdef".slice(0, 1 + random(5)), random(1_000));
        else if (choice < 6) remoteEdit(name, [insertion(random(length + 1), "ABC")]);
        else if (choice === 6) history.undo();
        else history.redo();
      }
      const remoteLetters = (text = ""): string => text.replace(/[a-z]/g, "");
      const ownLetters = (text = ""): string => text.replace(/[A-Z]/g, "");
      const before = [texts.get("p"), texts.get("q")];
      let undoCount = 0;
      while (history.undo().kind !== "empty") undoCount++;
      const afterUndo = [texts.get("p"), texts.get("q")];
      expect(afterUndo.map(ownLetters), `seed ${seed}`).toEqual(["", ""]);
      expect(afterUndo, `seed ${seed}`).toEqual(before.map(remoteLetters));
      for (let i = 0; i < undoCount; i++) history.redo();
      expect([texts.get("p"), texts.get("q")].map(ownLetters), `seed ${seed}`).toEqual(
        before.map(ownLetters),
      );
    }
  });
});

const insertion = (at: number, insert: string): Splice => ({ from: at, to: at, insert });

function lcg(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("undo of one step by its id", () => {
  const place = (x: number) => ({ x, y: 0, width: 100, height: 100 });
  const twoPlaces = (x: number) =>
    new Map([
      ["w", place(x)],
      ["v", place(x + 1)],
    ]);
  const recordedStep = (command: Command) => {
    let step: { step: number } | null = null;
    doc = A.change(doc, (draft) => {
      const made = command(draft);
      if (made) step = history.record(made);
    });
    if (step === null) throw new Error("no step was made");
    return step as { step: number };
  };
  const windowXs = (): number[] =>
    readWindows(doc)
      .map((each) => each.x)
      .sort((a, b) => a - b);

  beforeEach(() => {
    ownChange(window);
    ownChange(addWindow({ ...NEW_WINDOW, id: "v", x: 2 }));
  });

  it("is skipped, and undoes no other step, if a later step changed the same windows [TX8]", () => {
    const tile = recordedStep(arrangeWindows("Tile", twoPlaces(10)));
    recordedStep(arrangeWindows("Cascade", twoPlaces(20)));
    expect(history.undoStep(tile)).toEqual({ kind: "skipped", label: "Tile" });
    expect(windowXs()).toEqual([20, 21]);
    history.undo();
    expect(windowXs()).toEqual([10, 11]);
    history.undo();
    expect(windowXs()).toEqual([1, 2]);
  });

  it("undoes the step despite later steps, but keeps windows that were changed since", () => {
    const tile = recordedStep(arrangeWindows("Tile", twoPlaces(10)));
    ownChange(moveWindow("v", 70, 70));
    type("t", 0, "later");
    expect(history.undoStep(tile)).toEqual({ kind: "done", label: "Tile" });
    expect(windowXs()).toEqual([1, 70]);
    expect(texts.get("t")).toBe("later");
    history.redo();
    expect(windowXs()).toEqual([10, 70]);
    history.undo();
    history.undo(); // the typed text
    history.undo(); // the move of "v"
    history.undo(); // the layout of "v", which stayed in the history
    expect(windowXs()).toEqual([1, 2]);
  });

  it("counts a step as undone after undo or after an edit that restores its old values, and not before", () => {
    ownChange(card);
    const removal = recordedStep(removeCard("a", "id_a"));
    expect(history.isUndone(removal, doc)).toBe(false);
    type("t", 0, "later");
    expect(history.isUndone(removal, doc)).toBe(false);
    remoteChange(restoreCard("a"));
    expect(history.isUndone(removal, doc)).toBe(true);

    const secondRemoval = recordedStep(removeCard("a", "id_a"));
    history.undo();
    expect(history.isUndone(secondRemoval, doc)).toBe(true);
  });

  it("removes the step from the history", () => {
    ownChange(card);
    const removal = recordedStep(removeCard("a", "id_a"));
    type("t", 0, "later");
    history.undoStep(removal);
    expect(readCards(doc)[0]?.removedBy).toBeNull();
    expect(history.undo()).toMatchObject({ label: "Edit t" });
    expect(history.undo()).toMatchObject({ label: "Play card" });
  });
});
