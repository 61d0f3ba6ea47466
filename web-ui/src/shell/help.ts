import { Cell } from "../room/store";

/** Whether the list of keys is shown. */
export const showHelp = new Cell(false);
