/** The content of windows and of the dock. `panels[window.type]` fits a box of any size. */
export { AppPreparation, prefetchAppParts } from "./appParts";
export { DockHost, DockSlot } from "./DockHost";
export { prefetchEditor } from "./notes/CollabText";
export { RoomTools } from "./RoomTools";
export { type PanelProps, panels } from "./windows";
