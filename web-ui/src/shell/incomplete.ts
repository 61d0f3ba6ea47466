import { entryTexts } from "../texts";

/** The message about a link without a key. */
export const INCOMPLETE = {
  title: entryTexts.linkNotComplete,
  text: entryTexts.partAfterMissingAskWhole,
} as const;

/** The title of the page for a link to a room that does not exist. */
export const NO_ROOM = entryTexts.weCantFindRoom;
