import type { ChatEntry } from "../../room/schema/read";
import { chatTexts } from "../../texts";

/**
 * The id of the first message after the last seen message that the reader did not write. Null if there is none, or if
 * no message was seen before.
 */
export function unreadFrom(
  entries: readonly ChatEntry[],
  lastSeen: string | null,
  isOwn: (entry: ChatEntry) => boolean,
): string | null {
  if (lastSeen === null) return null;
  const seenIndex = entries.findIndex((entry) => entry.id === lastSeen);
  if (seenIndex < 0) return null;
  return entries.slice(seenIndex + 1).find((entry) => !isOwn(entry))?.id ?? null;
}

/** The number of messages of other people after the last seen message. Unknown messages count as seen. */
export function countUnread(
  entries: readonly ChatEntry[],
  lastSeen: string | null,
  isOwn: (entry: ChatEntry) => boolean,
): number {
  const first = unreadFrom(entries, lastSeen, isOwn);
  if (first === null) return 0;
  return entries.slice(entries.findIndex(({ id }) => id === first)).filter((entry) => !isOwn(entry)).length;
}

/** Whether a message needs a heading with its day: its day differs from the previous message's day, or from today. */
export function newDay(before: ChatEntry | undefined, entry: ChatEntry): boolean {
  const day = new Date(entry.at).toDateString();
  return before === undefined
    ? day !== new Date().toDateString()
    : new Date(before.at).toDateString() !== day;
}

export function dayLabel(at: number, now: number): string {
  const day = new Date(at).toDateString();
  if (day === new Date(now).toDateString()) return chatTexts.today;
  if (day === new Date(now - 86_400_000).toDateString()) return chatTexts.yesterday;
  return new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}
