import { memory } from "./memory";
import { Cell, type Source } from "./store";

/** Whether the documents of rooms are kept in this browser: not known before the storage answered or was given up. */
export const documentsKept = new Cell<"unknown" | "kept" | "lost">("unknown");

/**
 * Whether this browser keeps nothing, as far as that is known: its storage for documents failed or did not answer, or what
 * is remembered beside documents (identity, links of rooms) does not outlive the page. Known once a room is open.
 */
export function keepsNothing(): boolean {
  return documentsKept.get() === "lost" || !memory.lasts();
}

/** The same as a source, for `useSource`. */
export const keeping: Source<boolean> = {
  get: keepsNothing,
  subscribe: (listener) => documentsKept.subscribe(listener),
};
