import { type Splice, splitsCharacter } from "./changes";
import type { EditKind } from "./ownEdits";
import type { SharedText } from "./sharedText";

/*
 * Automerge needs time for each letter that is inserted or removed: a paste of a million letters in one change would
 * stop the page of its author for many seconds, and later the pages of all people in the room. So an edit above a limit
 * becomes many changes of the document, each in its own task.
 */

/** An edit that inserts or removes more letters than this is written in parts. */
export const LARGE_EDIT = 16_384;
/**
 * The letters of one part. The author's page needs some tens of milliseconds for it. A page that receives a change of a
 * long text needs a time that grows with the length of the whole text and hardly with the change, so parts are large.
 */
export const PART = 32_768;

export interface LargeEditOptions {
  /** Calls a function in a later task, not before this many milliseconds. */
  readonly later: (call: () => void, millis: number) => void;
  readonly clock: () => number;
  /** Called with the position behind the inserted text. */
  readonly onEnd: (end: number) => void;
  readonly part?: number;
}

/** The number of letters that an edit inserts and removes. */
export const sizeOf = (splices: readonly Splice[]): number =>
  splices.reduce((sum, { from, to, insert }) => sum + (to - from) + insert.length, 0);

let steps = 0;

/**
 * Writes a splice to a shared text in parts: first it removes, from the end, then it inserts. Meanwhile other people and
 * this person can edit the text, since the place of the edit moves with their changes. After each part the page waits as
 * long as the part took, so that it stays usable.
 */
export function writeLargeEdit(text: SharedText, splice: Splice, options: LargeEditOptions): void {
  const { later, clock, onEnd, part = PART } = options;
  const editor = {};
  let { from, to } = splice;
  let written = 0;
  const stop = text.subscribe(({ change, origin }) => {
    if (origin === editor) return;
    from = change.mapPos(from, 1);
    to = Math.max(from, change.mapPos(to, -1));
  });
  const edit = (next: Splice): boolean => {
    // Each part is an undo step of its own: an undo of all parts would stop the page.
    const kind: EditKind = `large ${++steps}`;
    return text.edit({ splices: [next], kind, editor });
  };
  const writePart = (): void => {
    const { raw } = text.shown;
    if (to > from) {
      let start = Math.max(from, to - part);
      if (splitsCharacter(raw, start)) start--;
      edit({ from: start, to, insert: "" });
      to = start;
      return;
    }
    let end = Math.min(splice.insert.length, written + part);
    if (splitsCharacter(splice.insert, end)) end--;
    const insert = splice.insert.slice(written, end);
    edit({ from, to: from, insert });
    from += insert.length;
    to = from;
    written = end;
  };
  const step = (): void => {
    const start = clock();
    writePart();
    if (to === from && written >= splice.insert.length) {
      stop();
      onEnd(from);
    } else later(step, Math.max(4, clock() - start));
  };
  step();
}
