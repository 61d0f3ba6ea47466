import type { ChangeSet } from "@codemirror/state";

/**
 * The position of the own caret under other people's changes. It stays before letters that another person types at it,
 * since it is at the end of the own word. There is one exception: another person replaces the word before a resting
 * caret, letter by letter. The first letter replaces the word, and the caret stays behind it. The next letters continue
 * that word, so the caret moves along until its person moves it or types.
 */
export class OwnCaret {
  /** The caret's position at the end of another person's replacement; null after its person moved it. */
  #movedTo: number | null = null;

  /** The caret's person moved it or wrote. */
  onPlaced(): void {
    this.#movedTo = null;
  }

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
