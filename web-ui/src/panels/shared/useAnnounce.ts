import { useCallback } from "react";
import { useRoom } from "../../room";

/** A function that announces a sentence to screen readers. Do not announce streaming text. */
export function useAnnounce(): (text: string) => void {
  const room = useRoom();
  return useCallback((text) => room.announce(text), [room]);
}
