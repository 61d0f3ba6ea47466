import type { ChangeSet } from "@codemirror/state";
import { changeOf, inWholeCharacters, type Splice, splicesOf } from "./changes";

/*
 * Line ends. The document keeps the line ends of its authors: LF, CR LF from Windows and HTTP, or a lone CR. An editor
 * shows each as one line break of one unit, so its positions differ from the document's after every CR LF. These
 * functions translate texts, positions and changes in both directions.
 */

const CR = "\r";
const LF = "\n";

/** A text of the document and its form in an editor. */
export class ShownText {
  readonly text: string;
  /** The position of each CR LF in the document's text, ascending. */
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

  /** The document's position for a position of the editor; never between CR and LF. */
  toRaw(shown: number): number {
    return shown + countLeading(this.#pairs, (pair, index) => pair - index < shown);
  }

  /** The editor's position for a position of the document; between CR and LF it is the end of the line. */
  toShown(raw: number): number {
    return raw - countLeading(this.#pairs, (pair) => pair < raw);
  }
}

/** The number of leading elements that match. The matching elements must come first. */
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
 * The effect of an editor's change on the document's text. Typed lines end with LF. If the change puts a CR before an
 * LF, the CR becomes LF itself, since the pair would be one line break and the editor shows two. The CRs before it
 * become LF too, for the same reason.
 */
export function toRawSplices(shown: ShownText, change: ChangeSet): Splice[] {
  return splicesOf(change).map(({ from, to, insert }) => {
    const { raw } = shown;
    const splice = inWholeCharacters({ from: shown.toRaw(from), to: shown.toRaw(to), insert }, raw);
    const next = splice.insert === "" ? raw[splice.to] : splice.insert[0];
    if (next !== LF) return splice;
    let lone = 0;
    while (raw[splice.from - 1 - lone] === CR) lone++;
    return { from: splice.from - lone, to: splice.to, insert: LF.repeat(lone) + splice.insert };
  });
}

/** The effect of a change of the document's text on the editor's text. */
export function toShownChange(before: ShownText, after: ShownText, change: ChangeSet): ChangeSet {
  const [old, now] = [before.raw, after.raw];
  if (!old.includes(CR) && !now.includes(CR)) return change;
  const splices: Splice[] = [];
  change.iterChanges((fromA, toA, fromB, toB) => {
    let [from, to, start, end] = [fromA, toA, fromB, toB];
    // A CR LF pair that the change creates or breaks belongs to the change as a whole.
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

function trimmed({ from, to, insert }: Splice, text: string): Splice {
  const shorter = Math.min(to - from, insert.length);
  let head = 0;
  while (head < shorter && text[from + head] === insert[head]) head++;
  let tail = 0;
  while (tail < shorter - head && text[to - 1 - tail] === insert[insert.length - 1 - tail]) tail++;
  return { from: from + head, to: to - tail, insert: insert.slice(head, insert.length - tail) };
}
