/** Publishing of apps: the dialog for an app window, the client of the apps API, and the list of a person's apps. */
export { type AppFile, type AppName, AppsApi, AppsProblem, type Deployed } from "./api";
export { PublishDialog, type PublishProps } from "./PublishDialog";
export { sentenceOf } from "./sentences";
export { slugOf, slugProblem } from "./slug";
export type { AppVersion } from "./usePublishing";
