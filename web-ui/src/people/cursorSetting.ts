import { memory } from "../room";
import { Cell } from "../room/store";

class Remembered extends Cell<boolean> {
  override set(value: boolean): void {
    memory.setFlag("cursors", value);
    super.set(value);
  }
}

/** Whether other people's cursors are shown here. Off also means that ours is not sent. */
export const showCursors: Cell<boolean> = new Remembered(memory.flag("cursors", true));
