import { useCallback, useState } from "react";
import { type ChatEntry, memory, type RoomSession, useChat, useRoom } from "../../room";
import { countUnread } from "./unread";

const keyIn = (room: RoomSession): string => `chat-seen.${room.slug}.${room.me.identity}`;

/** The id of the newest message that this person has seen, and a function that sets it. It survives a reload. */
export function useLastSeen(): readonly [string | null, (id: string) => void] {
  const room = useRoom();
  const key = keyIn(room);
  const [lastSeen, setLastSeen] = useState(() => memory.value<string>(key));
  const onSeen = useCallback(
    (id: string) => {
      setLastSeen(id);
      memory.setValueSoon(key, id);
    },
    [key],
  );
  return [lastSeen, onSeen];
}

/**
 * The number of messages that this person has not seen, while the chat is not shown. For a person who has never opened
 * the chat here, the messages since the page was opened count.
 */
export function useUnreadCount(chatShown: boolean): number {
  const room = useRoom();
  const entries = useChat();
  const [atStart] = useState(() => entries.at(-1)?.id ?? null);
  if (chatShown) return 0;
  const isOwn = (entry: ChatEntry): boolean => entry.by === room.me.identity && entry.kind !== "program";
  const seen = memory.value<string>(keyIn(room)) ?? atStart;
  // The chat was empty when the page was opened.
  if (seen === null) return entries.filter((entry) => !isOwn(entry)).length;
  return countUnread(entries, seen, isOwn);
}
