import { Cell } from "../room/store";

/** The dialog of the room that is open, or null. */
export const shownDialog = new Cell<"share" | "settings" | null>(null);
