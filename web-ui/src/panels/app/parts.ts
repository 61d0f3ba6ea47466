/** The parts of apps that a room without an app does not need. They are one file, which is loaded when the page is idle. */
export { AppPanel } from "./AppPanel";
export { AppPreparation } from "./AppPreparation";
export { OpenAsApp } from "./OpenAsApp";
export { publishedFiles } from "./published";
