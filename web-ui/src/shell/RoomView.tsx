import "./shell.css";
import { useEffect, useMemo } from "react";
import { Palette } from "../command/Palette";
import { Desktop } from "../desktop/Desktop";
import { PhoneRoom } from "../desktop/PhoneRoom";
import { storePageOffline } from "../page/offline";
import { takeAnswer } from "../page/route";
import { useMedia } from "../page/useMedia";
import { AppPreparation, DockHost, prefetchAppParts, prefetchEditor, RoomTools } from "../panels";
import { tabTitle, useUnreadInHiddenTab } from "../panels/attention";
import { jumpTo } from "../panels/shared/jump";
import { RoomPublishDialog } from "../publish/room/openPublish";
import { useArrivingRemix } from "../publish/room/useArrivingRemix";
import { memory, useRoom, useSync, useTitle } from "../room";
import { Announcer } from "./Announcer";
import { Header } from "./Header";
import { Notices } from "./Notices";
import { RecoveryNotice } from "./RecoveryKey";
import { RoomDialogs } from "./RoomDialogs";
import { addRoomCommands } from "./roomCommands";
import { SyncBanner } from "./SyncBanner";
import { useShortcuts } from "./useShortcuts";

/**
 * The screens that show tabs instead of a desk: phones, also sideways, and small windows. A zoom of 200 % halves the
 * size of the screen.
 */
export const PHONE = "(max-width: 699px), (max-height: 519px)";

/** The open room: a header, and below it the desktop of windows, or tabs on a small screen. */
export function RoomView() {
  const phone = useMedia(PHONE);
  const room = useRoom();
  useMemo(() => addRoomCommands(room, () => matchMedia(PHONE).matches), [room]);
  useShortcuts();
  useTitleSync();
  useLeaveWarning();
  useArrivingRemix();
  useArrivingAnswer();
  useEffect(prefetchEditor, []);
  useEffect(prefetchAppParts, []);
  useEffect(storePageOffline, []);
  return (
    <div className="room">
      <TabTitle />
      <Header phone={phone} />
      <SyncBanner />
      <RecoveryNotice />
      <DockHost>{phone ? <PhoneRoom /> : <Desktop />}</DockHost>
      <RoomTools />
      <AppPreparation />
      <Notices />
      <Announcer />
      <RoomPublishDialog />
      <RoomDialogs />
      <Palette />
    </div>
  );
}

/** Scrolls to the answer that the address names. */
function useArrivingAnswer(): void {
  const room = useRoom();
  useEffect(() => {
    const answer = takeAnswer();
    if (answer !== null) jumpTo(room, { target: `result:${answer}`, words: "" });
  }, [room]);
}

/** The title of the browser's tab. It is a separate component, so that a message renders nothing else. */
function TabTitle() {
  const title = useTitle();
  const unread = useUnreadInHiddenTab();
  useEffect(() => {
    document.title = tabTitle(title, unread);
  }, [title, unread]);
  return null;
}

/** Copies the room's title into the list of recent rooms. */
function useTitleSync(): void {
  const { record } = useRoom();
  const title = useTitle();
  useEffect(() => {
    const current = memory.room(record.slug);
    if (current !== null && current.title !== title) memory.setRoom({ ...current, title });
  }, [record.slug, title]);
}

/** Makes the browser ask before leaving, but only if pending changes are stored neither here nor on the server [U5]. */
function useLeaveWarning(): void {
  const { kind } = useSync();
  useEffect(() => {
    if (kind !== "not-kept") return;
    const preventLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", preventLeaving);
    return () => window.removeEventListener("beforeunload", preventLeaving);
  }, [kind]);
}
