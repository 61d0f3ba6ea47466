import { useCallback } from "react";
import { useRoom } from "../../room";

/** Announces one sentence in the room's polite status region. Streaming text is never announced here. */
export function useAnnounce(): (text: string) => void {
  const room = useRoom();
  return useCallback((text) => room.announce(text), [room]);
}
