import { ChangeDesc, ChangeSet } from "@codemirror/state";

/** Edits at one place that follow each other within this time are one undo step. */
export const PAUSE_MS = 600;

/**
 * The kind of an edit. All edits of one composition are one undo step, and so are the parts of a large edit that have the
 * same number.
 */
export type EditKind = "insert" | "delete" | "other" | `compose ${number}` | `large ${number}`;

const hasNumber = (kind: EditKind): boolean => kind.startsWith("compose") || kind.startsWith("large");

/**
 * One edit that can be undone. `change` undoes it; it applies to the text right after the edit, which for the newest
 * edit is the current text. `laterChanges` are changes by other people on which the older edits are not rebased yet.
 */
interface Edit {
  readonly change: ChangeSet;
  readonly laterChanges: ChangeDesc | null;
}

/** The edits of one text in a form that can be stored. */
export interface StoredEdits {
  readonly done: readonly StoredEdit[];
  readonly undone: readonly StoredEdit[];
}
type StoredEdit = readonly [change: unknown, laterChanges: unknown];

const storedEdit = ({ change, laterChanges }: Edit): StoredEdit => [
  change.toJSON(),
  laterChanges?.toJSON() ?? null,
];
const editFrom = ([change, laterChanges]: StoredEdit): Edit => ({
  change: ChangeSet.fromJSON(change),
  laterChanges: laterChanges === null ? null : ChangeDesc.fromJSON(laterChanges),
});

/**
 * This person's edits of one shared text, newest last, and the edits that were undone. As in CodeMirror's history, a
 * change by another person rebases only the newest edit. When that edit is undone, the next older edit is rebased. If
 * other people removed everything that an edit inserted, the edit stays as an empty change. So each text step of the
 * room's history has exactly one edit here.
 */
export class OwnEdits {
  #done: Edit[] = [];
  #undone: Edit[] = [];
  #openStep: { readonly kind: EditKind; readonly at: number } | null = null;

  toJSON(): StoredEdits {
    return { done: this.#done.map(storedEdit), undone: this.#undone.map(storedEdit) };
  }

  /** Edits from a stored form. Throws if it is damaged or does not fit a text of this length. */
  static from({ done, undone }: StoredEdits, length: number): OwnEdits {
    const edits = new OwnEdits();
    edits.#done = done.map(editFrom);
    edits.#undone = undone.map(editFrom);
    for (const newest of [edits.#done.at(-1), edits.#undone.at(-1)])
      if (newest !== undefined && newest.change.length !== length) throw new RangeError("another text");
    return edits;
  }

  get counts(): { readonly done: number; readonly undone: number } {
    return { done: this.#done.length, undone: this.#undone.length };
  }

  /** Whether an edit made now belongs to the same undo step as the newest edit, like the next letter of a word. */
  continues(change: ChangeSet, kind: EditKind, now: number): boolean {
    const last = this.#done.at(-1);
    if (this.#openStep === null || last === undefined || kind !== this.#openStep.kind) return false;
    if (kind === "other" || (!hasNumber(kind) && now - this.#openStep.at >= PAUSE_MS)) return false;
    return isAdjacent(last.change, change);
  }

  /** Records an edit by its inverse. With `merge`, the edit becomes a part of the newest edit. */
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

  /** Must be called when another person has changed the text. */
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

  /** Removes the newest edit and returns the change that undoes it. The caller passes its inverse to `recordUndone`. */
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
  const rebased = change.mapDesc(last.change, true);
  edits[edits.length - 1] = {
    change: last.change.map(change),
    laterChanges: last.laterChanges === null ? rebased : last.laterChanges.composeDesc(rebased),
  };
}

function popNewest(edits: Edit[]): ChangeSet | null {
  const last = edits.pop();
  if (last === undefined) return null;
  if (last.laterChanges !== null) rebaseNewest(edits, last.laterChanges);
  return last.change;
}

/** Whether a change touches the range of the newest edit. Both have positions in the text before the change. */
function isAdjacent(newest: ChangeDesc, change: ChangeDesc): boolean {
  let found = false;
  newest.iterChangedRanges((from, to) => {
    change.iterChangedRanges((start, end) => {
      found ||= start <= to && end >= from;
    });
  });
  return found;
}
