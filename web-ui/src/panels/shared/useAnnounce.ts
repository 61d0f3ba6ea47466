import { useCallback } from "react";
import { useRoom } from "../../room";

/** Says one sentence in the room's polite status region. Streaming text never goes through here. */
export function useAnnounce(): (text: string) => void {
  const room = useRoom();
  return useCallback((text) => room.announce(text), [room]);
}
