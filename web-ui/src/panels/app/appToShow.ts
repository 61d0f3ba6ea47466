import { useEffect, useRef } from "react";
import { type RoomSession, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";

const cells = new WeakMap<RoomSession, Cell<string | null>>();

function cellIn(room: RoomSession): Cell<string | null> {
  let cell = cells.get(room);
  if (cell === undefined) {
    cell = new Cell<string | null>(null);
    cells.set(room, cell);
  }
  return cell;
}

const selectAll = <T>(value: T): T => value;

/** Brings the window of an app into view for this person, in the layout that is shown. */
export const showApp = (room: RoomSession, window: string): void => cellIn(room).set(window);

/** Calls `show`, with which the current layout brings a window into view, when this person has opened an app. */
export function useOnOwnApp(show: (window: string) => void): void {
  const cell = cellIn(useRoom());
  const window = useSource(cell, selectAll);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (window === null) return;
    cell.set(null);
    latest.current(window);
  }, [cell, window]);
}
