import type { ChangeDesc, ChangeSet } from "@codemirror/state";

/** Own edits that follow each other within this time and at one place are one step. */
export const PAUSE_MS = 600;

/** The kind of an own edit. A composition has a number, since all its edits are one step, however long it takes. */
export type EditKind = "insert" | "delete" | "other" | `compose ${number}`;

/**
 * One own edit that can be undone: `change` undoes it, on the text right after the edit (for the newest edit, the
 * current text). `mapped` holds others' later changes that the older edits have not processed yet.
 */
interface Edit {
  readonly change: ChangeSet;
  readonly laterChanges: ChangeDesc | null;
}

/**
 * The own edits of one shared text, newest last, and the undone edits. The scheme is that of CodeMirror's history:
 * others' changes rebase the newest edit. When it is undone, they pass through it to the older edits. If others have
 * removed all of an edit, it stays as an empty change, so that the edits correspond to the steps of the room's history
 * one to one.
 */
export class OwnEdits {
  #done: Edit[] = [];
  #undone: Edit[] = [];
  #openStep: { readonly kind: EditKind; readonly at: number } | null = null;

  /** Whether an edit made now would continue the newest one, as the letters of a word do. */
  continues(change: ChangeSet, kind: EditKind, now: number): boolean {
    const last = this.#done.at(-1);
    if (this.#openStep === null || last === undefined || kind !== this.#openStep.kind) return false;
    if (kind === "other" || (!kind.startsWith("compose") && now - this.#openStep.at >= PAUSE_MS))
      return false;
    return isAdjacent(last.change, change);
  }

  /** Keeps an own edit by its inverse; `joins` merges it into the newest edit. */
  record(inverse: ChangeSet, kind: EditKind, now: number, merge: boolean): void {
    const last = this.#done.at(-1);
    this.#undone = [];
    this.#openStep = { kind, at: now };
    if (merge && last !== undefined) {
      this.#done[this.#done.length - 1] = {
        change: inverse.compose(last.change),
        laterChanges: last.laterChanges,
      };
    } else {
      this.#done.push({ change: inverse, laterChanges: null });
    }
  }

  /** Another person changed the text. */
  rebase(change: ChangeDesc): void {
    rebaseNewest(this.#done, change);
    rebaseNewest(this.#undone, change);
  }

  /** The next own edit starts a new step, whatever its kind. */
  closeStep(): void {
    this.#openStep = null;
  }

  forgetOldest(): void {
    this.#done.shift();
  }

  forgetUndone(): void {
    this.#undone = [];
  }

  /** Removes the newest edit and gives the change that undoes it; its inverse goes to `undid`. */
  undo(): ChangeSet | null {
    return popNewest(this.#done);
  }

  recordUndone(inverse: ChangeSet): void {
    this.#undone.push({ change: inverse, laterChanges: null });
  }

  redo(): ChangeSet | null {
    return popNewest(this.#undone);
  }

  recordRedone(inverse: ChangeSet): void {
    this.#done.push({ change: inverse, laterChanges: null });
  }
}

function rebaseNewest(edits: Edit[], change: ChangeDesc): void {
  const last = edits.at(-1);
  if (last === undefined) return;
  const below = change.mapDesc(last.change, true);
  edits[edits.length - 1] = {
    change: last.change.map(change),
    laterChanges: last.laterChanges === null ? below : last.laterChanges.composeDesc(below),
  };
}

function popNewest(edits: Edit[]): ChangeSet | null {
  const last = edits.pop();
  if (last === undefined) return null;
  if (last.laterChanges !== null) rebaseNewest(edits, last.laterChanges);
  return last.change;
}

/** Whether a new change is at the place of the newest edit, both in positions of the text before the new change. */
function isAdjacent(newest: ChangeDesc, change: ChangeDesc): boolean {
  let found = false;
  newest.iterChangedRanges((from, to) => {
    change.iterChangedRanges((start, end) => {
      found ||= start <= to && end >= from;
    });
  });
  return found;
}
