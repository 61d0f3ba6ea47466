export { type ChangeRefusal, explainRefusal } from "./refusal";
export type { RefusedReport } from "./report";
export { OtherTabsOpen } from "./tabs";
