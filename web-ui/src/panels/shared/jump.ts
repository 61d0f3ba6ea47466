import { useEffect, useRef } from "react";
import { type RoomSession, type RoomWindow, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { perRoom } from "./perRoom";

/** A place that a person wants to see. */
export type Jump = {
  /** `chat:<id>`, `note:<id>`, `card:<id>` or `result:<request>`. */
  readonly target: string;
  /** The text to mark there; empty for the whole. */
  readonly words: string;
  /** About where the text is in an answer, if it occurs several times. */
  readonly start?: string;
  /** The exact place in a note. */
  readonly range?: { readonly from: number; readonly to: number };
  /** Whether the text is in the question of an answer, and not in the answer itself. */
  readonly inQuestion?: boolean;
  /** Whether the focus stays where it is and nothing is marked. */
  readonly quiet?: boolean;
};

const jumps = perRoom(() => new Cell<Jump | null>(null));

export const jumpIn = (room: RoomSession): Cell<Jump | null> => jumps(room);

export function jumpTo(room: RoomSession, jump: Jump): void {
  // A new object each time, so that the same place can be asked for again.
  jumpIn(room).set({ ...jump });
}

export const kindOfTarget = (target: string): string => target.slice(0, target.indexOf(":"));
export const idOfTarget = (target: string): string => target.slice(target.indexOf(":") + 1);

const WINDOW_OF: Readonly<Record<string, RoomWindow["type"]>> = {
  chat: "chat",
  card: "stack",
  result: "output",
};

/** The window that shows a target; undefined if the room has none. */
export function windowOfTarget(target: string, windows: readonly RoomWindow[]): RoomWindow | undefined {
  const id = idOfTarget(target);
  if (kindOfTarget(target) === "note") {
    const shown = windows.filter((each) => each.type === "note" && each.ref === id);
    return shown.find((each) => each.state === "open") ?? shown.at(-1);
  }
  const type = WINDOW_OF[kindOfTarget(target)];
  return windows.findLast((each) => each.type === type);
}

/** Calls `show`, with which the current layout brings a place into view, when this person wants to see it. */
export function useOnJump(show: (target: string) => void): void {
  const jump = useSource(jumpIn(useRoom()), selectAll);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (jump === null || shown.has(jump)) return;
    shown.add(jump);
    latest.current(jump.target);
  }, [jump]);
}

/** The jumps that a layout has shown. The next layout, for example after a phone is turned, does not show them again. */
const shown = new WeakSet<Jump>();

const selectAll = <T>(value: T): T => value;
