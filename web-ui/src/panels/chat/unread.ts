import type { ChatEntry } from "../../room/schema/read";

/**
 * The first message that a reader has not seen and did not write; null if there is none or no message was ever seen.
 */
export function unreadFrom(
  entries: readonly ChatEntry[],
  seen: string | null,
  isOwn: (entry: ChatEntry) => boolean,
): string | null {
  if (seen === null) return null;
  const seenIndex = entries.findIndex((entry) => entry.id === seen);
  if (seenIndex < 0) return null;
  return entries.slice(seenIndex + 1).find((entry) => !isOwn(entry))?.id ?? null;
}

/** Whether a message is of another day than the message before it. A first message of today needs no heading. */
export function newDay(before: ChatEntry | undefined, entry: ChatEntry): boolean {
  const day = new Date(entry.at).toDateString();
  return before === undefined
    ? day !== new Date().toDateString()
    : new Date(before.at).toDateString() !== day;
}

export function dayLabel(at: number, now: number): string {
  const day = new Date(at).toDateString();
  if (day === new Date(now).toDateString()) return "Today";
  if (day === new Date(now - 86_400_000).toDateString()) return "Yesterday";
  return new Date(at).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}
