import type { ChangeSet } from "@codemirror/state";
import { type Command, type FieldSet, plain, setField, type UndoStep, valueAt } from "../commands/command";
import type { RoomDoc } from "../schema/document";
import { inverseOf } from "./changes";
import { type EditKind, OwnEdits, type StoredEdits } from "./ownEdits";

/** Above this number of steps, the oldest step is dropped and can no longer be undone. */
const STEPS_MAX = 200;

/** The result of undo or redo. A step is skipped if later changes of other people made it impossible. */
export type UndoResult =
  | { readonly kind: "done"; readonly label: string }
  | { readonly kind: "skipped"; readonly label: string }
  | { readonly kind: "empty" };

/** Identifies a step of the history. */
export interface StepId {
  readonly step: number;
}

type Step = FieldsStep | TextStep;
interface FieldsStep extends StepId, UndoStep {
  readonly kind: "fields";
}
interface TextStep extends StepId {
  readonly kind: "text";
  readonly label: string;
  readonly path: readonly string[];
}

/** An edit of a shared text that this person has just made. */
export interface TextEdit {
  readonly label: string;
  readonly path: readonly string[];
  readonly change: ChangeSet;
  /** The text before the edit. */
  readonly before: string;
  readonly kind: EditKind;
  readonly now: number;
}

/** A history in a form that can be stored. `texts` has the edits of each text by its path. */
export interface StoredHistory {
  readonly undo: readonly Step[];
  readonly redo: readonly Step[];
  readonly texts: readonly {
    readonly path: readonly string[];
    readonly length: number;
    readonly edits: StoredEdits;
  }[];
}

/** The history's write access to the room. */
export interface HistoryWriter {
  fields(command: Command): void;
  /** Applies the change and returns its inverse, or null if the text no longer exists or has another length. */
  text(path: readonly string[], change: ChangeSet): ChangeSet | null;
}

/**
 * The undo history of this person's edits. Edits of fields and of texts are in one history, ordered by time. A field
 * step records the values that it set, and its undo writes only the fields that still have these values. The undo of a
 * text step removes exactly the letters that the step inserted and restores the letters that it removed. Later changes
 * of other people stay.
 */
export class History {
  #undo: Step[] = [];
  #redo: Step[] = [];
  readonly #texts = new Map<string, OwnEdits>();
  #nextStep = 1;

  constructor(private readonly write: HistoryWriter) {}

  /** @param lengthOf the current length of a text */
  toStored(lengthOf: (path: readonly string[]) => number): StoredHistory {
    const texts = [...this.#texts].map(([key, edits]) => {
      const path = key.split("\n");
      return { path, length: lengthOf(path), edits: edits.toJSON() };
    });
    return { undo: this.#undo, redo: this.#redo, texts };
  }

  /**
   * Takes over the steps of an earlier page. The texts may have changed since.
   *
   * @param changeSince the change of a text since then, or null if it is unknown; the steps of that text are then dropped
   */
  restore(
    stored: StoredHistory,
    changeSince: (path: readonly string[], length: number) => ChangeSet | null,
  ): void {
    const restored = new Map<string, OwnEdits>();
    for (const { path, length, edits } of stored.texts) {
      const change = changeSince(path, length);
      if (change === null) continue;
      const own = OwnEdits.from(edits, length);
      own.rebase(change);
      restored.set(keyOf(path), own);
    }
    const has = (step: Step): boolean => step.kind === "fields" || restored.has(keyOf(step.path));
    const [undo, redo] = [stored.undo.filter(has), stored.redo.filter(has)];
    for (const [key, edits] of restored) {
      const steps = (all: readonly Step[]) =>
        all.filter((step) => step.kind === "text" && keyOf(step.path) === key);
      const { done, undone } = edits.counts;
      if (done !== steps(undo).length || undone !== steps(redo).length)
        throw new RangeError("steps without edits");
    }
    for (const [key, edits] of restored) this.#texts.set(key, edits);
    this.#undo = undo;
    this.#redo = redo;
    this.#nextStep = Math.max(0, ...[...undo, ...redo].map(({ step }) => step)) + 1;
  }

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  record(step: UndoStep): StepId {
    return this.#push({ ...step, kind: "fields", step: this.#nextStep++ });
  }

  /** Records an edit of a text. Letters typed one after another, without a pause or another step, are one step. */
  recordText({ label, path, change, before, kind, now }: TextEdit): void {
    const edits = this.#textAt(path);
    const last = this.#undo.at(-1);
    const newest = last?.kind === "text" && keyOf(last.path) === keyOf(path);
    const continuesStep = newest && this.#redo.length === 0 && edits.continues(change, kind, now);
    edits.record(inverseOf(change, before), kind, now, continuesStep);
    if (!continuesStep) this.#push({ kind: "text", step: this.#nextStep++, label, path });
  }

  /** Must be called when another person or a program has changed a text. Rebases the steps of that text. */
  rebase(path: readonly string[], change: ChangeSet): void {
    this.#texts.get(keyOf(path))?.rebase(change);
  }

  /** Whether the step can still be undone. */
  has({ step }: StepId): boolean {
    return this.#undo.some((each) => each.step === step);
  }

  /**
   * Whether the step is undone, by undo or by a later edit of any person: all its fields have their old values again.
   */
  isUndone({ step }: StepId, doc: RoomDoc): boolean {
    const found = this.#undo.find((each) => each.step === step);
    if (found === undefined) return true;
    return found.kind === "fields" && found.sets.every((set) => plain(valueAt(doc, set.path)) === set.from);
  }

  undo(): UndoResult {
    const step = this.#undo.pop();
    if (step === undefined) return { kind: "empty" };
    const result = step.kind === "fields" ? this.#undoFields(step) : this.#applyText(step, "undo");
    if (result.kind === "done") this.#redo.push(step);
    return result;
  }

  redo(): UndoResult {
    const step = this.#redo.pop();
    if (step === undefined) return { kind: "empty" };
    const result =
      step.kind === "fields"
        ? resultOf(step, this.#applyFields(step.sets, (set) => [set.from, set.to]).length > 0)
        : this.#applyText(step, "redo");
    if (result.kind === "done") this.#undo.push(step);
    return result;
  }

  /**
   * Undoes one field step although later steps exist. An object (a card, a window) that was changed since then stays as
   * it is, and its part of the step stays in the history. A text step is undone only if it is the last step.
   */
  undoStep({ step }: StepId): UndoResult {
    const index = this.#undo.findIndex((each) => each.step === step);
    const found = this.#undo[index];
    if (found === undefined) return { kind: "empty" };
    if (index === this.#undo.length - 1) return this.undo();
    if (found.kind === "text") return { kind: "skipped", label: found.label };
    const written = this.#applyFields(found.sets, (set) => [set.to, set.from], { wholeObjects: true });
    if (written.length === 0) return { kind: "skipped", label: found.label };
    const remaining = found.sets.filter((set) => !written.includes(set));
    this.#undo.splice(index, 1, ...(remaining.length === 0 ? [] : [{ ...found, sets: remaining }]));
    this.#redo.push({ ...found, step: this.#nextStep++, sets: written });
    return { kind: "done", label: found.label };
  }

  #push(step: Step): StepId {
    this.#undo.push(step);
    if (this.#undo.length > STEPS_MAX) {
      const oldest = this.#undo.shift();
      if (oldest?.kind === "text") this.#textAt(oldest.path).forgetOldest();
    }
    this.#redo = [];
    for (const edits of this.#texts.values()) edits.forgetUndone();
    return step;
  }

  #textAt(path: readonly string[]): OwnEdits {
    const key = keyOf(path);
    const existing = this.#texts.get(key);
    if (existing !== undefined) return existing;
    const edits = new OwnEdits();
    this.#texts.set(key, edits);
    return edits;
  }

  #applyText(step: TextStep, direction: "undo" | "redo"): UndoResult {
    const edits = this.#textAt(step.path);
    edits.closeStep();
    const change = direction === "undo" ? edits.undo() : edits.redo();
    const inverse = change === null || change.empty ? null : this.write.text(step.path, change);
    if (inverse === null) return { kind: "skipped", label: step.label };
    if (direction === "undo") edits.recordUndone(inverse);
    else edits.recordRedone(inverse);
    return { kind: "done", label: step.label };
  }

  #undoFields(step: FieldsStep): UndoResult {
    return resultOf(
      step,
      this.#applyFields([...step.sets].reverse(), (set) => [set.to, set.from]).length > 0,
    );
  }

  /**
   * Writes the fields that still have the expected value, and returns them. `direction` gives the expected and the new
   * value of a field. With `wholeObjects`, no field of an object is written if one of them has another value.
   */
  #applyFields(
    sets: readonly FieldSet[],
    direction: (set: FieldSet) => [FieldSet["from"], FieldSet["to"]],
    { wholeObjects = false } = {},
  ): FieldSet[] {
    const written: FieldSet[] = [];
    this.write.fields((doc: RoomDoc) => {
      const hasExpectedValue = (set: FieldSet): boolean =>
        plain(valueAt(doc, set.path)) === direction(set)[0];
      const changed = new Set(wholeObjects ? sets.filter((set) => !hasExpectedValue(set)).map(ownerOf) : []);
      for (const set of sets) {
        if (changed.has(ownerOf(set)) || !hasExpectedValue(set)) continue;
        if (setField(doc, set.path, direction(set)[1]) !== undefined) written.push(set);
      }
    });
    return written;
  }
}

const keyOf = (path: readonly string[]): string => path.join("\n");
const ownerOf = (set: FieldSet): string => keyOf(set.path.slice(0, -1));
const resultOf = (step: FieldsStep, written: boolean): UndoResult => ({
  kind: written ? "done" : "skipped",
  label: step.label,
});
