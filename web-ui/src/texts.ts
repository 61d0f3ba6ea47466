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
export const attachmentTexts = {
  list: "Attached to your question",
  remove: (name: string) => `Remove “${name}” from the question`,
  full: (most: number) => `A question takes up to ${most} attachments. Remove one first.`,
  menu: "Attach an image or a note to your question",
  menuShort: "Attach",
  image: "Image…",
  notes: "Notes",
  untitled: "A note without a title",
  describeImage: "Describe the image",
} as const;

/** Images in chat, notes, cards and questions. */
export const imageTexts = {
  add: "Add image",
  addToNote: "Add image to the note",
  addCard: "Add an image card",
  attach: "Attach to question",
  attached: "Attached to your question",
  close: "Close the image",
  describe: "Describe the image (for screen readers)",
  descriptionOf: (name: string) => `Description of ${name}`,
  enlarge: (name: string) => `Show large: ${name}`,
  failed: "The image could not be stored. Try again.",
  loadAgain: "Load again",
  loading: (name: string) => `Loading: ${name}`,
  notShown: (name: string) => `This image cannot be shown now: ${name}.`,
  ofNote: "Images of this note",
  pending: "Images to send",
  played: "Played an image card",
  progressOf: (name: string) => `Sending ${name}`,
  removePending: (name: string) => `Remove ${name}`,
  stillSending: "An image is still being sent. Press Enter again when it has arrived.",
  inPreview: (mediaType: string, kib: string, id: string) => `Image: ${mediaType}, ${kib} KiB, ${id}`,
  tooLarge: (mib: number) => `This image has more than ${mib} MiB. Make it smaller and add it again.`,
  tryAgain: "Try again",
  undescribed: "Image without a description",
  waits: "Waits for the connection. Keep this tab open.",
  wrongType: "This is not a PNG, JPEG, GIF or WebP image. Convert it and add it again.",
} as const;

/** Minimap, layouts and forks. */
export const layoutTexts = {} as const;

/** Models: names, costs, thoughts and waiting times. */
export const modelTexts = {} as const;
