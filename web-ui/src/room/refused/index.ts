export { type ChangesRefused, explain as explainRefusal } from "./refusal";
export type { RefusedReport } from "./report";
export { OtherTabsOpen } from "./tabs";
