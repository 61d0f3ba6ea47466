/** The message about a link without a key. */
export const INCOMPLETE = {
  title: "This link is not complete",
  text: "The part after # is missing. Ask for the whole link.",
} as const;

/** The title of the page for a link to a room that does not exist. */
export const NO_ROOM = "We can't find this room";
