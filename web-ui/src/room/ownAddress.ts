import { currentRoute, replaceKey } from "../page/route";
import type { Links } from "./api";
import { memory } from "./memory";
import type { RoomSession } from "./session";

const ROLES = ["host", "player", "spectator"] as const;

export const keyOf = (link: string): string => new URL(link, window.location.href).hash.replace("#k=", "");

/** If a host has ended the link that this page uses, puts its successor into the address bar and the recent rooms. */
export function replaceEndedLink(room: RoomSession, before: Links, after: Links): void {
  const route = currentRoute();
  if (route.kind !== "room" || route.slug !== room.slug) return;
  const role = ROLES.find((each) => keyOf(before[each]) === route.key);
  if (role === undefined || before[role] === after[role]) return;
  const key = keyOf(after[role]);
  memory.setRoom({ ...(memory.room(room.slug) ?? room.record), key });
  replaceKey(room.slug, key);
}
