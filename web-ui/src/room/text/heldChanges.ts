import type { ChangeSet } from "@codemirror/state";
import { removesSomething } from "./changes";

/**
 * Others' changes that an editor does not show yet, because an input method composes there. The editor's text followed
 * by the held change is the shared text; `local` and `remote` keep that true.
 */
export class HeldChanges {
  #change: ChangeSet | null = null;

  get hasChanges(): boolean {
    return this.#change !== null;
  }

  /** A change of the editor's text, as a change of the shared text. */
  local(change: ChangeSet): ChangeSet {
    const held = this.#change;
    if (held === null) return change;
    // New text goes before another person's text at the caret, as outside of a composition. A replacement stays at the
    // text that it replaces.
    const before = !removesSomething(change);
    this.#change = held.map(change, !before);
    return change.map(held, before);
  }

  /** A change of the shared text that the editor must show later. */
  remote(change: ChangeSet): void {
    this.#change = this.#change === null ? change : this.#change.compose(change);
  }

  /** The position in the shared text of a caret in the editor. */
  position(at: number): number {
    return this.#change === null ? at : this.#change.mapPos(at, -1);
  }

  /** The change with which the editor shows the shared text. Afterwards no change is held. */
  release(): ChangeSet | null {
    const held = this.#change;
    this.#change = null;
    return held;
  }
}
