import { memory, type Person, type RoomSession, type RoomWindow, useRoom, useSource } from "../../room";
import { Cell } from "../../room/store";
import { perRoom } from "../shared/perRoom";

const leaders = perRoom(() => new Cell<string | null>(null));

/** The identity of the person whom this person follows, or null. */
export const leaderIn = (room: RoomSession): Cell<string | null> => leaders(room);
export const useLeader = (): string | null => useSource(leaderIn(useRoom()), selectAll);

const selectAll = <T>(value: T): T => value;

const FOLLOWABLE = "followable";

/** Whether other people may follow this person. The choice is kept in this browser. */
export const isFollowable = (): boolean => memory.flag(FOLLOWABLE, true);

export function setFollowable(room: RoomSession, on: boolean): void {
  memory.setFlag(FOLLOWABLE, on);
  room.presence.setFollowable(on);
}

/** Whether this person can follow another one now. */
export const canFollow = (person: Person): boolean =>
  !person.isMe && person.status !== "offline" && person.followable !== false && person.removed !== true;

/**
 * The place that a follower shows, as a jump names it, or null if the leader is at no place that the follower can show.
 * In Output it is the answer that the leader reads.
 */
export function placeOf(
  { where, reading }: Pick<Person, "where" | "reading">,
  windows: readonly Pick<RoomWindow, "id" | "type" | "ref">[],
): string | null {
  const window = windows.find(({ id }) => id === where);
  const type = where === "hand" ? "output" : window?.type;
  switch (type) {
    case "output":
      return reading ? `result:${reading}` : "result:";
    case "chat":
      return "chat:";
    case "stack":
      return "card:";
    case "note":
      return window?.ref ? `note:${window.ref}` : null;
    default:
      return null;
  }
}
