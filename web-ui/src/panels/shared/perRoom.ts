import type { RoomSession } from "../../room";

/** A value that a room has while the page shows it. It is made at the first use. */
export function perRoom<T>(make: (room: RoomSession) => T): (room: RoomSession) => T {
  const values = new WeakMap<RoomSession, T>();
  return (room) => {
    const known = values.get(room);
    if (known !== undefined) return known;
    const made = make(room);
    values.set(room, made);
    return made;
  };
}
