import { at, type Command, type Done, type FieldSet, plain, setField } from "./commands/command";
import type { RoomDoc } from "./document";

const STEPS_MAX = 200;

export type Turned =
  | { readonly kind: "done"; readonly label: string }
  | { readonly kind: "skipped"; readonly label: string; readonly paths: readonly (readonly string[])[] }
  | { readonly kind: "empty" };

/**
 * Undo and redo of one's own edits. A step remembers which fields it set; turning it back writes only the fields that
 * still hold what the step had written. What another person has changed since stays as it is and is reported.
 */
export class History {
  readonly #undo: Done[] = [];
  #redo: Done[] = [];

  constructor(private readonly change: (command: Command) => void) {}

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  record(step: Done): void {
    this.#undo.push(step);
    if (this.#undo.length > STEPS_MAX) this.#undo.shift();
    this.#redo = [];
  }

  undo(): Turned {
    const step = this.#undo.pop();
    if (step === undefined) return { kind: "empty" };
    const turned = this.#write(step, (set) => [set.to, set.from]);
    if (turned.kind === "done") this.#redo.push(step);
    return turned;
  }

  redo(): Turned {
    const step = this.#redo.pop();
    if (step === undefined) return { kind: "empty" };
    const turned = this.#write(step, (set) => [set.from, set.to]);
    if (turned.kind === "done") this.#undo.push(step);
    return turned;
  }

  #write(step: Done, direction: (set: FieldSet) => [FieldSet["from"], FieldSet["to"]]): Turned {
    const skipped: (readonly string[])[] = [];
    let written = 0;
    this.change((doc: RoomDoc) => {
      for (const set of step.sets) {
        const [expected, wanted] = direction(set);
        if (plain(at(doc, set.path)) === expected && setField(doc, set.path, wanted) !== undefined) written++;
        else skipped.push(set.path);
      }
    });
    if (written === 0) return { kind: "skipped", label: step.label, paths: skipped };
    return { kind: "done", label: step.label };
  }
}
