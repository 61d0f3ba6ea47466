import { type ComponentType, lazy } from "react";
import type { RoomWindow, WindowType } from "../room";
import type { IconName } from "../shell/Icon";

/** What a window shows. The frame around it is ours; a panel only fills its body. */
export interface PanelProps {
  readonly window: RoomWindow;
}

export const Unknown: ComponentType<PanelProps> = ({ window }) => (
  <p className="panel-unknown">This version of Parlor cannot show a window of the kind “{window.type}”.</p>
);

const modules = import.meta.glob<{
  panels: Partial<Record<WindowType, ComponentType<PanelProps>>>;
  Dock: ComponentType;
}>("../panels/index.{ts,tsx}");
const load = Object.values(modules)[0];

export const Dock = lazy(async () => ({ default: load === undefined ? () => null : (await load()).Dock }));

function panel(type: WindowType): ComponentType<PanelProps> {
  return lazy(async () => ({
    default: (load === undefined ? undefined : (await load()).panels[type]) ?? Unknown,
  }));
}

export const PANELS: Record<WindowType, ComponentType<PanelProps>> = {
  note: panel("note"),
  stack: panel("stack"),
  output: panel("output"),
  chat: panel("chat"),
  people: panel("people"),
  app: panel("app"),
  pattern: panel("pattern"),
};

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
