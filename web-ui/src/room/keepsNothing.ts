import { memory } from "./memory";
import { Cell, type Source } from "./store";

/** Whether this browser stores room documents: unknown until its storage has answered or timed out. */
export const documentsKept = new Cell<"unknown" | "kept" | "lost">("unknown");

/**
 * Whether this browser is known to store nothing beyond this page: IndexedDB failed or did not answer, or localStorage
 * (identity, links of rooms) does not accept values. False before a room is open, while this is unknown.
 */
export function keepsNothing(): boolean {
  return documentsKept.get() === "lost" || !memory.outlivesPage();
}

/** `keepsNothing` as a source, for `useSource`. */
export const keepsNothingSource: Source<boolean> = {
  get: keepsNothing,
  subscribe: (listener) => documentsKept.subscribe(listener),
};
