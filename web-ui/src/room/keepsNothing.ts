import { memory } from "./memory";
import { Cell, type Source } from "./store";

/** Whether room documents are kept in this browser: unknown until the storage has answered or was abandoned. */
export const documentsKept = new Cell<"unknown" | "kept" | "lost">("unknown");

/**
 * Whether this browser is known to keep nothing: its storage for documents failed or did not answer, or other values
 * (identity, links of rooms) do not outlive the page. It is known once a room is open.
 */
export function keepsNothing(): boolean {
  return documentsKept.get() === "lost" || !memory.outlivesPage();
}

/** The same as a source, for `useSource`. */
export const keepsNothingSource: Source<boolean> = {
  get: keepsNothing,
  subscribe: (listener) => documentsKept.subscribe(listener),
};
