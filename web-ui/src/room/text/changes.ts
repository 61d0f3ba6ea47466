import type { Patch, Prop } from "@automerge/automerge/slim";
import { type ChangeDesc, ChangeSet } from "@codemirror/state";

/*
 * Pure functions on changes of one shared text. Positions count UTF-16 units of the document's text. CodeMirror's
 * ChangeSet maps positions and rebases changes. Its only line separator here is "\n", so "\r" is an ordinary unit.
 */

/** Replaces the units from `from` to `to` by `insert`. Both positions refer to the text before the change. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** One change of a text with `length` units, made of ascending splices that do not overlap. */
export function changeOf(length: number, splices: readonly Splice[]): ChangeSet {
  return ChangeSet.of(splices, length, "\n");
}

export const emptyChange = (length: number): ChangeSet => ChangeSet.empty(length);

export function splicesOf(change: ChangeSet): Splice[] {
  const splices: Splice[] = [];
  change.iterChanges((from, to, _fromB, _toB, inserted) => {
    splices.push({ from, to, insert: inserted.toString() });
  });
  return splices;
}

/**
 * The same change, but an insertion next to a removal becomes one replacement. A caret within the removed text then
 * ends up before the inserted text.
 */
export const asReplacements = (change: ChangeSet): ChangeSet => changeOf(change.length, splicesOf(change));

/** The text that results from applying the change to `text`. */
export function applied(change: ChangeSet, text: string): string {
  let result = "";
  let end = 0;
  for (const { from, to, insert } of splicesOf(change)) {
    result += text.slice(end, from) + insert;
    end = to;
  }
  return result + text.slice(end);
}

/** The inverse of `change`; `text` is the text before it. */
export function inverseOf(change: ChangeSet, text: string): ChangeSet {
  const splices: Splice[] = [];
  change.iterChanges((fromA, toA, fromB, toB) => {
    splices.push({ from: fromB, to: toB, insert: text.slice(fromA, toA) });
  });
  return changeOf(change.newLength, splices);
}

export function removesSomething(change: ChangeDesc): boolean {
  let removes = false;
  change.iterChangedRanges((from, to) => {
    removes ||= to > from;
  });
  return removes;
}

/** Composes successive changes in pairs, so that thousands of changes take little more than linear time. */
function composed(changes: readonly ChangeSet[], length: number): ChangeSet {
  let level = [...changes];
  while (level.length > 1) {
    const next: ChangeSet[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [first, second] = [level[i] as ChangeSet, level[i + 1]];
      next.push(second === undefined ? first : first.compose(second));
    }
    level = next;
  }
  return level[0] ?? emptyChange(length);
}

/**
 * The change that Automerge's patches make to the text at `path`, which had `length` units. Null if the text was
 * replaced as a whole, or if a patch does not fit the text.
 */
export function changeOfPatches(
  patches: readonly Patch[],
  path: readonly string[],
  length: number,
): ChangeSet | null {
  const changes: ChangeSet[] = [];
  let currentLength = length;
  for (const patch of patches) {
    const place = placeIn(patch.path, path);
    if (place === "elsewhere" || patch.action === "mark" || patch.action === "unmark") continue;
    if (place === "whole") {
      if (patch.action === "conflict" || patch.action === "inc") continue;
      return null;
    }
    const splice = spliceOf(patch, place);
    if (splice === null || splice.to > currentLength) return null;
    changes.push(changeOf(currentLength, [splice]));
    currentLength += splice.insert.length - (splice.to - splice.from);
  }
  return asReplacements(composed(changes, length));
}

function spliceOf(patch: Patch, at: number): Splice | null {
  if (patch.action === "splice") return { from: at, to: at, insert: patch.value };
  if (patch.action === "del") return { from: at, to: at + (patch.length ?? 1), insert: "" };
  return null;
}

/**
 * The target of a patch with path `patch`: a position in the text at path `text`, the whole text (or an object that
 * contains it), or another part of the document.
 */
function placeIn(patch: readonly Prop[], text: readonly string[]): number | "whole" | "elsewhere" {
  const shared = Math.min(patch.length, text.length);
  for (let i = 0; i < shared; i++) if (patch[i] !== text[i]) return "elsewhere";
  if (patch.length <= text.length) return "whole";
  const index = patch[text.length];
  return typeof index === "number" && patch.length === text.length + 1 ? index : "whole";
}

/** The change from one text to another as one replacement, which never splits a surrogate pair. */
export function differenceOf(before: string, after: string): ChangeSet {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  if (splitsCharacter(before, head) || splitsCharacter(after, head)) head--;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  if (splitsCharacter(before, before.length - tail) || splitsCharacter(after, after.length - tail)) tail--;
  if (before.length === after.length && head === before.length) return emptyChange(before.length);
  return changeOf(before.length, [
    { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) },
  ]);
}

/** Whether a position is between the two halves of a surrogate pair. */
export function splitsCharacter(text: string, at: number): boolean {
  return at > 0 && at < text.length && isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Replaces lone surrogates by U+FFFD, since a document cannot contain them. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd");

/**
 * The same splice without splitting surrogate pairs: it removes whole pairs only, and its insertion is well-formed. An
 * insertion between the halves of a pair moves behind the pair.
 */
export function inWholeCharacters({ from, to, insert }: Splice, text: string): Splice {
  if (from === to) {
    const at = splitsCharacter(text, from) ? from + 1 : from;
    return { from: at, to: at, insert: wellFormed(insert) };
  }
  const before = splitsCharacter(text, from) ? text.slice(from - 1, from) : "";
  const after = splitsCharacter(text, to) ? text.slice(to, to + 1) : "";
  return {
    from: from - before.length,
    to: to + after.length,
    insert: wellFormed(before + insert + after),
  };
}
