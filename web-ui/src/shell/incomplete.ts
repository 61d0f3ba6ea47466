/** The message about a link without a key. */
export const INCOMPLETE = {
  title: "This link is not complete",
  text: "The part after # is missing. Ask for the whole link.",
} as const;
