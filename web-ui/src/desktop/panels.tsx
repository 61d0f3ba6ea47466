import type { RoomWindow, WindowType } from "../room";
import type { IconName } from "../shell/Icon";

export { Dock, panels as PANELS } from "../panels";

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
  note: "Note",
  stack: "Stack",
  output: "Output",
  chat: "Chat",
  people: "People",
  app: "App",
  pattern: "Pattern",
};

/** The visible title, and the region's name: a note says that it is one. */
export const titleOf = (window: RoomWindow): string => window.title || WINDOW_NAME[window.type];
export const regionName = (window: RoomWindow): string =>
  window.type === "note" ? `Note: ${titleOf(window)}` : titleOf(window);
