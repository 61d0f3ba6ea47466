import { isCore, type RoomSession, type RoomWindow, setWindowState } from "../room";
import { desktopTexts } from "../texts";
import { titleOf } from "./panels";

/** Whether this person may open, minimise and close a window: a core window always, another window as an editor. */
export const canChangeState = (room: RoomSession, window: RoomWindow): boolean =>
  room.canEdit || isCore(window);

/** Opens a window: a core window for this person, another window for all people. It comes to the front. */
export function openWindow(room: RoomSession, window: RoomWindow): void {
  if (isCore(window)) room.windows.setState(window.id, "open");
  else if (room.canEdit) room.run(setWindowState(window.id, "open"));
  room.windows.raise(window.id);
}

/**
 * Minimises or closes a window: a core window for this person, another window for all people. Closing a core window shows
 * a message with Undo, because no other person and no undo step can bring it back.
 */
export function changeState(room: RoomSession, window: RoomWindow, state: "minimized" | "closed"): void {
  const title = titleOf(window);
  if (!isCore(window)) {
    room.run(setWindowState(window.id, state));
    room.announce(`${title} ${state === "closed" ? desktopTexts.closedForEveryone : "minimised"}`);
    return;
  }
  room.windows.setState(window.id, state);
  if (state === "closed")
    room.notify(desktopTexts.isClosedForYou(title), {
      label: desktopTexts.undo,
      run: () => openWindow(room, window),
    });
  else room.announce(desktopTexts.isMinimised(title));
}
