/**
 * All texts that the page shows or reads aloud, in English, by the part of the page. A translation replaces this file.
 * A text with a variable part is a function. This file imports nothing.
 */

/** Command palette and keyboard shortcuts. */
export const paletteTexts = {} as const;

/** Search in the room. */
export const searchTexts = {} as const;

/** Quotes, pins and comments of selected text. */
export const selectionTexts = {} as const;

/** Votes and reactions. */
export const voteTexts = {} as const;

/** Images, and what is attached to a question. */
export const attachmentTexts = {} as const;

/** Minimap, layouts and forks. */
export const layoutTexts = {} as const;

/** Models: names, costs, thoughts and waiting times. */
export const modelTexts = {} as const;
