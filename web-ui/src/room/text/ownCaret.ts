import type { ChangeSet } from "@codemirror/state";

/**
 * Computes where this person's caret goes when other people change the text. It stays before letters that another
 * person types at it, since it is at the end of this person's word. The exception: another person selects the word
 * before the caret and types a new one. The first letter replaces the word, and the caret stays behind it. The next
 * letters belong to the same word, so the caret moves behind them, too, until this person moves the caret or types.
 */
export class OwnCaret {
  /** The caret's position, if it is at the end of another person's replacement; else null. */
  #movedTo: number | null = null;

  /** Must be called when this person has moved the caret or typed. */
  onPlaced(): void {
    this.#movedTo = null;
  }

  /** The caret's position after another person's change. */
  follow(change: ChangeSet, caret: number): number {
    let continues = false;
    let replaced = false;
    change.iterChangedRanges((from, to, start, end) => {
      if (from === caret && to === caret) continues = true;
      else if (to === caret && end > start) replaced = true;
    });
    const movesAlong = this.#movedTo === caret;
    const after = change.mapPos(caret, movesAlong && continues ? 1 : -1);
    this.#movedTo = movesAlong || replaced ? after : null;
    return after;
  }
}
