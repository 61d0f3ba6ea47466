/** The content of windows and of the dock. The desktop puts `panels[window.type]` into a box of any size. */
export { Dock } from "./Dock";
export { type PanelProps, panels } from "./windows";
