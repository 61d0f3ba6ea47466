import { memory } from "../room";
import { Cell } from "../room/store";

/** Whether this browser shows the minimap. */
export const minimapShown = new Cell(memory.flag("minimap", false));
