import type { ChangeSet } from "@codemirror/state";
import { removesSomething } from "./changes";

/**
 * Changes by other people that an editor does not show yet, because an input method is composing. Invariant: the
 * editor's text with the held change applied is the shared text.
 */
export class HeldChanges {
  #change: ChangeSet | null = null;

  get hasChanges(): boolean {
    return this.#change !== null;
  }

  /** Converts a change of the editor's text into a change of the shared text, and rebases the held change on it. */
  local(change: ChangeSet): ChangeSet {
    const held = this.#change;
    if (held === null) return change;
    // Typed text goes before text that another person inserted at the caret, as without a composition. A replacement
    // stays at the text that it replaces.
    const before = !removesSomething(change);
    this.#change = held.map(change, !before);
    return change.map(held, before);
  }

  /** Holds another change of the shared text. */
  remote(change: ChangeSet): void {
    this.#change = this.#change === null ? change : this.#change.compose(change);
  }

  /** The position in the shared text for a position in the editor. */
  position(at: number): number {
    return this.#change === null ? at : this.#change.mapPos(at, -1);
  }

  /** Returns the held change for the editor to apply, or null. Afterwards no change is held. */
  release(): ChangeSet | null {
    const held = this.#change;
    this.#change = null;
    return held;
  }
}
