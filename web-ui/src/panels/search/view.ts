import { type RoomSession, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { perRoom } from "../shared/perRoom";

/** The key that opens the search. No browser uses it for a page. */
export const SEARCH_KEY = "F8";

const opened = perRoom(() => new Cell(0));

/** Opens the search, or moves the focus into its field. 0 means closed; each call counts up. */
export function showSearch(room: RoomSession): void {
  opened(room).set(opened(room).get() + 1);
}

export function hideSearch(room: RoomSession): void {
  opened(room).set(0);
}

/** The number of times that the search was asked for since it was closed; 0 while it is closed. */
export const useSearchOpened = (): number => useSource(opened(useRoom()), selectAll);

const selectAll = <T>(value: T): T => value;
