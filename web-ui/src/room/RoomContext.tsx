import { createContext, type ReactNode, useContext } from "react";
import type { RoomSession } from "./session";

const RoomContext = createContext<RoomSession | null>(null);

export function RoomProvider({
  room,
  children,
}: {
  readonly room: RoomSession;
  readonly children: ReactNode;
}) {
  return <RoomContext value={room}>{children}</RoomContext>;
}

/** The open room. The object stays the same while the room is open; read changing values with the other hooks. */
export function useRoom(): RoomSession {
  const room = useContext(RoomContext);
  if (room === null) throw new Error("useRoom outside of RoomProvider");
  return room;
}
