import * as A from "@automerge/automerge/slim";
import { EditorState, type TransactionSpec } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { aRoom } from "../../testing/rooms";
import type { RoomDoc } from "../schema/document";
import {
  applied,
  changeOf,
  changeOfPatches,
  differenceOf,
  inverseOf,
  inWholeCharacters,
  type Splice,
  splicesOf,
  splitsCharacter,
} from "./changes";
import { HeldChanges } from "./heldChanges";
import { ShownText, toRawSplices, toShownChange } from "./lineEnds";
import { OwnCaret } from "./ownCaret";

const PATH = ["notes", "n", "text"];
const ALPHABET = ["a", "b", "\n", "\r", "\r\n", "\r\n", "😀", "é", "e\u0301", "\t", "\u2028", "\u0000", "漢"];

type Random = (below: number) => number;
function lcg(seed: number): Random {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const randomText = (random: Random, lengthMax: number): string =>
  Array.from({ length: random(lengthMax + 1) }, () => ALPHABET[random(ALPHABET.length)]).join("");

/** A splice anywhere in a text, in whole characters like a document's. It may split a CR LF. */
function anySplice(random: Random, text: string): Splice {
  const from = random(text.length + 1);
  const to = Math.min(text.length, from + (random(2) === 0 ? 0 : random(4)));
  return inWholeCharacters({ from, to, insert: randomText(random, 3) }, text);
}

const lf = (text: string): string => text.replace(/\r\n?/g, "\n");

describe("line ends", () => {
  it.each([
    ["alpha\r\nbeta\r\ngamma", "alpha\nbeta\ngamma", [0, 5, 6, 10, 11, 16], [0, 5, 7, 11, 13, 18]],
    ["a\rb", "a\nb", [0, 1, 2, 3], [0, 1, 2, 3]],
    ["\r\r\n\n\r", "\n\n\n\n", [0, 1, 2, 3, 4], [0, 1, 3, 4, 5]],
    ["\u2028\u0000", "\u2028\u0000", [1, 2], [1, 2]],
  ])("%j is shown as %j, and positions convert between editor and document", (raw, text, shown, places) => {
    const it = new ShownText(raw);
    expect(it.text).toBe(text);
    expect(shown.map((at) => it.toRaw(at))).toEqual(places);
    expect(places.map((at) => it.toShown(at))).toEqual(shown);
  });

  it("a letter typed at the end of a text with CR LF is at the end in the document, too [TX2]", () => {
    const shown = new ShownText("alpha\r\nbeta\r\ngamma");
    const typed = changeOf(shown.text.length, [{ from: 16, to: 16, insert: "!" }]);
    expect(toRawSplices(shown, typed)).toEqual([{ from: 18, to: 18, insert: "!" }]);
  });

  it("a line break typed behind a lone CR is a second line break in the document, too", () => {
    const shown = new ShownText("a\rb");
    const typed = changeOf(3, [{ from: 2, to: 2, insert: "\n" }]);
    expect(toRawSplices(shown, typed)).toEqual([{ from: 1, to: 2, insert: "\n\n" }]);
  });

  it("after any edit in an editor, the document's text with LF line ends equals the editor's text", () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = lcg(seed);
      const shown = new ShownText(randomText(random, 12));
      const edit = anySplice(random, shown.text);
      const change = changeOf(shown.text.length, [{ ...edit, insert: lf(edit.insert) }]);
      const raw = applied(changeOf(shown.raw.length, toRawSplices(shown, change)), shown.raw);
      expect(lf(raw), `seed ${seed}`).toBe(applied(change, shown.text));
    }
  });

  it("after any change of the document, the editor shows the document's text with LF line ends", () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = lcg(seed);
      const before = new ShownText(randomText(random, 12));
      let change = changeOf(before.raw.length, [anySplice(random, before.raw)]);
      for (let more = random(3); more > 0; more--) {
        const current = applied(change, before.raw);
        change = change.compose(changeOf(current.length, [anySplice(random, current)]));
      }
      const after = new ShownText(applied(change, before.raw));
      const shown = toShownChange(before, after, change);
      expect(applied(shown, before.text), `seed ${seed}`).toBe(after.text);
    }
  });

  it("an insertion between CR and LF is a small change in the editor, so that carets elsewhere stay", () => {
    const before = new ShownText("one\r\ntwo\r\nsix");
    const change = changeOf(13, [{ from: 4, to: 4, insert: "x" }]);
    const after = new ShownText(applied(change, before.raw));
    expect(splicesOf(toShownChange(before, after, change))).toEqual([{ from: 4, to: 4, insert: "x\n" }]);
  });
});

describe("characters", () => {
  it.each([
    ["an emoji replaced by its neighbour", "a😀b", { from: 2, to: 3, insert: "\ude01" }, "a😁b"],
    ["the first half removed", "a😀b", { from: 1, to: 2, insert: "" }, "a\ufffdb"],
    ["a lone half typed", "ab", { from: 1, to: 1, insert: "\ud83d" }, "a\ufffdb"],
    ["a letter between two halves", "a😀b", { from: 2, to: 2, insert: "x" }, "a😀xb"],
  ])("an edit with %s leaves no lone surrogate", (_, text, splice, expected) => {
    expect(applied(changeOf(text.length, [inWholeCharacters(splice, text)]), text)).toBe(expected);
  });

  it("the difference of two texts splits no surrogate pair and gives the second text [TX3]", () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = lcg(seed);
      const [before, after] = [
        randomText(random, 5),
        random(2) ? randomText(random, 5) : `😀${randomText(random, 3)}😁`,
      ];
      const change = differenceOf(before, after);
      expect(applied(change, before), `seed ${seed}`).toBe(after);
      for (const { insert } of splicesOf(change)) expect(insert).not.toMatch(/\p{Surrogate}/u);
    }
  });

  it("a change followed by its inverse changes nothing", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = lcg(seed);
      const text = randomText(random, 10);
      const change = changeOf(text.length, [anySplice(random, text)]);
      expect(applied(inverseOf(change, text), applied(change, text))).toBe(text);
    }
  });
});

/**
 * One page without a browser: a document and an editor's state, kept equal in the same way as `panels/notes/binding.ts`
 * does.
 */
class SimulatedPage {
  state: EditorState;
  readonly held = new HeldChanges();
  composing = false;

  constructor(public doc: A.Doc<RoomDoc>) {
    this.state = EditorState.create({ doc: new ShownText(this.raw).text });
  }

  get raw(): string {
    return this.doc.notes.n?.text as string;
  }

  get editor(): string {
    return this.state.doc.toString();
  }

  /** The editor's text after it has applied all held changes. */
  get textWithHeldChanges(): string {
    const copy = new HeldChanges();
    const change = this.held.release();
    if (change === null) return this.editor;
    this.held.remote(change);
    copy.remote(change);
    return applied(change, this.editor);
  }

  edit(spec: TransactionSpec): void {
    const { changes, state } = this.state.update(spec);
    this.state = state;
    const shown = new ShownText(this.raw);
    const change = this.held.local(changes);
    expect(change.length).toBe(shown.text.length);
    const splices = toRawSplices(shown, change);
    this.doc = A.change(this.doc, (doc) => {
      for (const { from, to, insert } of [...splices].reverse())
        A.splice(doc, [...PATH], from, to - from, insert);
    });
  }

  merge(other: SimulatedPage): void {
    const before = new ShownText(this.raw);
    const heads = A.getHeads(this.doc);
    this.doc = A.merge(this.doc, other.doc);
    const change = changeOfPatches(A.diff(this.doc, heads, A.getHeads(this.doc)), PATH, before.raw.length);
    if (change === null) throw new Error("the patches contain no edits of the text");
    expect(applied(change, before.raw), "the patches give the new text").toBe(this.raw);
    const shown = toShownChange(before, new ShownText(this.raw), change);
    if (this.composing || this.held.hasChanges) this.held.remote(shown);
    else this.state = this.state.update({ changes: shown }).state;
  }

  endComposition(): void {
    this.composing = false;
    const change = this.held.release();
    if (change !== null) this.state = this.state.update({ changes: change }).state;
  }
}

function pages(text: string): [SimulatedPage, SimulatedPage] {
  const base = A.change(aRoom(), (doc) => {
    doc.notes.n = { text };
  });
  return [
    new SimulatedPage(A.clone(base, { actor: "aaaa" })),
    new SimulatedPage(A.clone(base, { actor: "bbbb" })),
  ];
}

const type = (page: SimulatedPage, letter: string): void => page.edit(page.state.replaceSelection(letter));

// These tests run many random sequences, and the machine may be slow.
describe("two editors of one text", { timeout: 60_000 }, () => {
  it("two people who type at one caret get two unbroken phrases, for any order of delivery [TX1]", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = lcg(seed);
      const [left, right] = pages("Shopping: \r\nend");
      for (const page of [left, right]) {
        page.state = page.state.update({ selection: { anchor: 10 } }).state;
        // A person may compose the whole time. Then the other person's edits are held.
        page.composing = random(4) === 0;
      }
      const queues: [SimulatedPage, string[]][] = [
        [left, [..."bread and butter"]],
        [right, [..."MILK AND EGGS"]],
      ];
      while (queues.some(([, letters]) => letters.length > 0)) {
        const [page, letters] = queues[random(2)] as [SimulatedPage, string[]];
        const next = random(3);
        if (next < 2) {
          const letter = letters.shift();
          if (letter !== undefined) type(page, letter);
        } else page.merge(page === left ? right : left);
      }
      for (const page of [left, right]) page.endComposition();
      left.merge(right);
      right.merge(left);
      expect(left.raw, `seed ${seed}`).toBe(right.raw);
      expect(left.raw, `seed ${seed}`).toContain("bread and butter");
      expect(left.raw, `seed ${seed}`).toContain("MILK AND EGGS");
      for (const page of [left, right]) expect(page.editor).toBe(lf(page.raw));
    }
  });

  it("after each step of a random sequence of edits, merges and compositions, an editor shows its document [TX5]", () => {
    for (let seed = 1; seed <= 80; seed++) {
      const random = lcg(seed);
      const [left, right] = pages(randomText(random, 12));
      for (let step = 0; step < 25; step++) {
        const page = random(2) === 0 ? left : right;
        const choice = random(10);
        if (choice < 4) {
          const splice = anySplice(random, page.editor);
          page.edit({ changes: { ...splice, insert: lf(splice.insert) } });
        } else if (choice < 5) {
          const anchor = random(page.editor.length + 1);
          page.state = page.state.update({
            selection: { anchor: anchor - Number(splitsCharacter(page.editor, anchor)) },
          }).state;
          type(page, "z");
        } else if (choice < 8) page.merge(page === left ? right : left);
        else if (choice === 8) page.composing = true;
        else page.endComposition();
        expect(page.textWithHeldChanges, `seed ${seed}, step ${step}`).toBe(lf(page.raw));
        if (!page.held.hasChanges) expect(page.editor).toBe(lf(page.raw));
      }
      for (const page of [left, right]) page.endComposition();
      left.merge(right);
      right.merge(left);
      expect(left.raw).toBe(right.raw);
      expect(left.editor, `seed ${seed}`).toBe(right.editor);
      expect(left.editor, `seed ${seed}`).toBe(lf(left.raw));
    }
  });

  it("a selection does not include letters that another person types at its ends", () => {
    const [left, right] = pages("one two three");
    left.state = left.state.update({ selection: { anchor: 4, head: 7 } }).state;
    right.edit({
      changes: [
        { from: 4, insert: "A" },
        { from: 7, insert: "B" },
      ],
    });
    left.merge(right);
    const { from, to } = left.state.selection.main;
    expect(left.state.sliceDoc(from, to)).toBe("two");
  });
});

describe("the own caret", () => {
  const follow = (text: string, at: number, ...changes: Splice[]): [string, number] => {
    const own = new OwnCaret();
    let caret = at;
    let current = text;
    for (const splice of changes) {
      const change = changeOf(current.length, [splice]);
      caret = own.follow(change, caret);
      current = applied(change, current);
    }
    return [current, caret];
  };

  it("stays before letters that another person types at it", () => {
    expect(follow("a ", 2, { from: 2, to: 2, insert: "b" }, { from: 3, to: 3, insert: "c" })).toEqual([
      "a bc",
      2,
    ]);
  });

  it("stays behind a word that another person types in place of the word before it", () => {
    const letters = [
      { from: 2, to: 5, insert: "n" },
      { from: 3, to: 3, insert: "e" },
      { from: 0, to: 0, insert: "_" },
      { from: 5, to: 5, insert: "w" },
    ];
    expect(follow("a old", 5, ...letters)).toEqual(["_a new", 6]);
  });

  it("is before the new word if another person replaces the word around it", () => {
    expect(follow("a old", 4, { from: 2, to: 5, insert: "n" }, { from: 3, to: 3, insert: "ew" })).toEqual([
      "a new",
      2,
    ]);
  });

  it("stays where this person put it, even at the end of another person's replacement", () => {
    const own = new OwnCaret();
    own.follow(changeOf(3, [{ from: 0, to: 3, insert: "n" }]), 3);
    own.onPlaced();
    expect(own.follow(changeOf(1, [{ from: 1, to: 1, insert: "ew" }]), 1)).toBe(1);
  });
});

describe("the change of a text computed from patches", () => {
  const text = (doc: A.Doc<RoomDoc>): string => doc.notes.n?.text as string;
  const patched = (edit: (doc: RoomDoc) => void) => {
    const before = A.change(aRoom(), (doc) => {
      doc.notes.n = { text: "one two" };
    });
    const after = A.change(before, edit);
    const patches = A.diff(after, A.getHeads(before), A.getHeads(after));
    return { change: changeOfPatches(patches, PATH, text(before).length), before: text(before) };
  };

  it("is empty for patches of other texts and fields", () => {
    const { change } = patched((doc) => {
      doc.title = "other";
      doc.notes.m = { text: "more" };
    });
    expect(change?.empty).toBe(true);
  });

  it("is one replacement for a removal and an insertion at one place", () => {
    const { change } = patched((doc) => A.splice(doc, [...PATH], 0, 7, "n"));
    expect(change && splicesOf(change)).toEqual([{ from: 0, to: 7, insert: "n" }]);
    expect(change?.mapPos(3, -1)).toBe(0);
  });

  it("is null for patches that replace or remove the text", () => {
    expect(patched((doc) => Object.assign(doc.notes.n as object, { text: "new" })).change).toBeNull();
    expect(patched((doc) => delete doc.notes.n).change).toBeNull();
    expect(patched((doc) => Object.assign(doc.notes, { n: { text: "new" } })).change).toBeNull();
  });

  it("is one change for thousands of edits", () => {
    const { change, before } = patched((doc) => {
      for (let i = 0; i < 3_000; i++) A.splice(doc, [...PATH], i, 0, i % 2 ? "x" : "y");
    });
    expect(change && applied(change, before)).toBe(`${"yx".repeat(1_500)}one two`);
  });
});
