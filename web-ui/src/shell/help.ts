import { Cell } from "../room/store";

/** Whether the list of keyboard shortcuts is shown. */
export const showHelp = new Cell(false);
