import { type RoomSession, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { PublishDialog, type PublishProps } from "../PublishDialog";

/** An app to publish; the dialog's properties without its closing. */
export type AppToPublish = Omit<PublishProps, "onClose">;

const cells = new WeakMap<RoomSession, Cell<AppToPublish | null>>();

function cellIn(room: RoomSession): Cell<AppToPublish | null> {
  let cell = cells.get(room);
  if (cell === undefined) {
    cell = new Cell<AppToPublish | null>(null);
    cells.set(room, cell);
  }
  return cell;
}

const selectAll = <T,>(value: T): T => value;

/** Opens the Publish dialog of this room. */
export const openPublish = (room: RoomSession, app: AppToPublish): void => cellIn(room).set(app);

/**
 * The Publish dialog of the room, while it is open. It stands beside the layouts of the room, so that it stays open when
 * the layout changes, for example when a phone is turned.
 */
export function RoomPublishDialog() {
  const cell = cellIn(useRoom());
  const app = useSource(cell, selectAll);
  return app === null ? null : <PublishDialog key={app.appId} {...app} onClose={() => cell.set(null)} />;
}
