import type { IconName } from "../icon/Icon";
import type { RoomWindow, WindowType } from "../room";
import { desktopTexts } from "../texts";

export { panels as PANELS } from "../panels";

export const WINDOW_ICON: Record<WindowType, IconName> = {
  note: "note",
  stack: "layers",
  output: "spark",
  chat: "chat",
  people: "people",
  app: "window",
  pattern: "wave",
};

export const WINDOW_NAME: Record<WindowType, string> = {
  note: desktopTexts.noteKind,
  stack: desktopTexts.stack,
  output: desktopTexts.output,
  chat: desktopTexts.chat,
  people: desktopTexts.people,
  app: desktopTexts.app,
  pattern: desktopTexts.patternKind,
};

/**
 * A window's visible title. `regionName` is its accessible name: it marks notes, and it differs from the header's
 * region "People".
 */
export const titleOf = (window: RoomWindow): string => window.title || WINDOW_NAME[window.type];
export function regionName(window: RoomWindow): string {
  if (window.type === "note") return desktopTexts.noteTitled(titleOf(window));
  return window.type === "people" ? desktopTexts.windowTitled(titleOf(window)) : titleOf(window);
}

const RANK: readonly WindowType[] = ["stack", "output", "chat", "note", "people", "pattern", "app"];

/**
 * Compares windows for screen readers and lists: oldest first. The windows of a new room have the same age and are
 * ordered by type.
 */
export function byAge(a: RoomWindow, b: RoomWindow): number {
  return a.at - b.at || RANK.indexOf(a.type) - RANK.indexOf(b.type) || (a.id < b.id ? -1 : 1);
}
