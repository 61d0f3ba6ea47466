import type { ChangeSet } from "@codemirror/state";
import { changeOf, inWholeCharacters, type Splice, splicesOf } from "./changes";

/*
 * Conversion of line ends between the document and an editor. The document keeps the line ends of its authors: LF, CR
 * LF (from Windows and HTTP), or a lone CR. An editor shows each as one LF, so its positions differ from the document's
 * positions after every CR LF. These functions convert texts, positions and changes in both directions.
 */

const CR = "\r";
const LF = "\n";

/** A text as it is in the document (`raw`) and as an editor shows it (`text`). */
export class ShownText {
  readonly text: string;
  /** The ascending positions of all CR LF in the document's text. */
  readonly #pairs: readonly number[];

  constructor(readonly raw: string) {
    if (!raw.includes(CR)) {
      this.text = raw;
      this.#pairs = [];
      return;
    }
    this.text = raw.replace(/\r\n?/g, LF);
    const pairs: number[] = [];
    for (let at = raw.indexOf("\r\n"); at >= 0; at = raw.indexOf("\r\n", at + 2)) pairs.push(at);
    this.#pairs = pairs;
  }

  /** Converts a position in the editor to the position in the document. The result is never between CR and LF. */
  toRaw(shown: number): number {
    return shown + countLeading(this.#pairs, (pair, index) => pair - index < shown);
  }

  /**
   * Converts a position in the document to the position in the editor. Between CR and LF, it is the end of the line.
   */
  toShown(raw: number): number {
    return raw - countLeading(this.#pairs, (pair) => pair < raw);
  }
}

/** The number of matching elements in a list where all matching elements come first (binary search). */
function countLeading(sorted: readonly number[], matches: (value: number, index: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (matches(sorted[middle] as number, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Converts an editor's change to splices of the document's text. Typed line breaks are LF. If the change would put lone
 * CRs directly before an LF, these CRs become LFs. Otherwise the last CR and the LF would be one line break in the
 * document and two in the editor.
 */
export function toRawSplices(shown: ShownText, change: ChangeSet): Splice[] {
  return splicesOf(change).map(({ from, to, insert }) => {
    const { raw } = shown;
    const splice = inWholeCharacters({ from: shown.toRaw(from), to: shown.toRaw(to), insert }, raw);
    const next = splice.insert === "" ? raw[splice.to] : splice.insert[0];
    if (next !== LF) return splice;
    let loneCrCount = 0;
    while (raw[splice.from - 1 - loneCrCount] === CR) loneCrCount++;
    return { from: splice.from - loneCrCount, to: splice.to, insert: LF.repeat(loneCrCount) + splice.insert };
  });
}

/** Converts a change of the document's text to a change of the editor's text. */
export function toShownChange(before: ShownText, after: ShownText, change: ChangeSet): ChangeSet {
  const [old, now] = [before.raw, after.raw];
  if (!old.includes(CR) && !now.includes(CR)) return change;
  const splices: Splice[] = [];
  change.iterChanges((fromA, toA, fromB, toB) => {
    let [from, to, start, end] = [fromA, toA, fromB, toB];
    // If the change creates or splits a CR LF pair at its edge, the change is widened to the whole pair.
    if (from > 0 && old[from - 1] === CR && (old[from] === LF || now[start] === LF)) {
      from--;
      start--;
    }
    if (old[to] === LF && (old[to - 1] === CR || now[end - 1] === CR)) {
      to++;
      end++;
    }
    const widened = from < fromA || to > toA;
    const splice = {
      from: before.toShown(from),
      to: before.toShown(to),
      insert: now.slice(start, end).replace(/\r\n?/g, LF),
    };
    splices.push(widened ? trimmed(splice, before.text) : splice);
  });
  return changeOf(before.text.length, splices);
}

/** The splice without a common start and a common end of the removed and the inserted text. */
function trimmed({ from, to, insert }: Splice, text: string): Splice {
  const shorter = Math.min(to - from, insert.length);
  let head = 0;
  while (head < shorter && text[from + head] === insert[head]) head++;
  let tail = 0;
  while (tail < shorter - head && text[to - 1 - tail] === insert[insert.length - 1 - tail]) tail++;
  return { from: from + head, to: to - tail, insert: insert.slice(head, insert.length - tail) };
}
