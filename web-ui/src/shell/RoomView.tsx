import "./shell.css";
import { useEffect } from "react";
import { Desktop } from "../desktop/Desktop";
import { DockHost } from "../desktop/DockHost";
import { PhoneRoom } from "../desktop/PhoneRoom";
import { keepPage } from "../page/offline";
import { useMedia } from "../page/useMedia";
import { memory, useRoom, useSync, useTitle } from "../room";
import { Announcer } from "./Announcer";
import { Header } from "./Header";
import { Notices } from "./Notices";
import { RecoveryNotice } from "./RecoveryKey";
import { RefusalBanner } from "./RefusalBanner";
import { useShortcuts } from "./useShortcuts";

export const PHONE = "(max-width: 699px)";

/** The open room: a bar on top, and below it the desk of windows, or tabs on a phone. */
export function RoomView() {
  const phone = useMedia(PHONE);
  useShortcuts();
  useTitleSync();
  useLeaveWarning();
  useEffect(keepPage, []);
  return (
    <div className="room">
      <Header phone={phone} />
      <RefusalBanner />
      <RecoveryNotice />
      <DockHost>{phone ? <PhoneRoom /> : <Desktop />}</DockHost>
      <Notices />
      <Announcer />
    </div>
  );
}

/** Keeps the tab's title and the list of recent rooms in step with the room's title. */
function useTitleSync(): void {
  const { record } = useRoom();
  const title = useTitle();
  useEffect(() => {
    document.title = title === "" ? "Parlor" : `${title} · Parlor`;
    const current = memory.room(record.slug);
    if (current !== null && current.title !== title) memory.setRoom({ ...current, title });
  }, [record.slug, title]);
}

/** Asks before leaving only if this browser could not keep changes that the server does not have yet [U5]. */
function useLeaveWarning(): void {
  const { kind } = useSync();
  useEffect(() => {
    if (kind !== "not-kept") return;
    const preventLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", preventLeaving);
    return () => window.removeEventListener("beforeunload", preventLeaving);
  }, [kind]);
}
