import type { DocHandleChangePayload } from "@automerge/automerge-repo/slim";
import { useEffect } from "react";
import { type Activity, closingsByOthers, isCore, type RoomDoc, type RoomSession, useRoom } from "../room";
import { serverTime } from "../room/clock";
import { readParticipants, readWindows } from "../room/schema/read";
import { desktopTexts } from "../texts";
import { titleOf } from "./panels";
import { openWindow } from "./windowState";

/** Tells this person that another person has closed a window for all people, with a button that opens it again. */
export function useClosingNotices(): void {
  const room = useRoom();
  useEffect(() => {
    const { handle } = room;
    const onChange = (change: DocHandleChangePayload<RoomDoc>): void => {
      for (const closing of closingsByOthers(change, room.me.identity, serverTime())) tell(room, closing);
    };
    handle.on("change", onChange);
    return () => {
      handle.off("change", onChange);
    };
  }, [room]);
}

function tell(room: RoomSession, { by, windows }: Activity): void {
  const doc = room.doc.get();
  const closed = readWindows(doc).filter(
    (window) => windows.includes(window.id) && room.windows.stateOf(window) === "closed",
  );
  const [first] = closed;
  if (first === undefined) return;
  const name = readParticipants(doc).find((person) => person.id === by)?.name ?? desktopTexts.someone;
  const text = desktopTexts.personClosed(
    name,
    closed.length === 1 ? titleOf(first) : desktopTexts.windowCount(closed.length),
  );
  const reopen = (): void => {
    for (const window of closed) openWindow(room, window);
  };
  const canReopen = room.canEdit || closed.every(isCore);
  room.notify(text, canReopen ? { label: desktopTexts.undo, run: reopen } : undefined, (now) =>
    readWindows(now).every(({ id, state }) => !windows.includes(id) || state !== "closed"),
  );
}
