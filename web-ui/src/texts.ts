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

/** Parts of the page whose code is loaded when they are first used. */
export const loadingTexts = {
  loading: "Loading…",
  editorFailed: "The editor failed to load.",
  partFailed: "This part of the page failed to load.",
  tryAgain: "Try again",
} as const;

/** Models: names, costs, thoughts and waiting times. */
export const modelTexts = {
  waiting: "Waiting for the model",
  waitingFor: (endpoint: string) => `Waiting for the first word from ${endpoint}`,
  thinking: "Thinking…",
  /** The time so far, and the time after which the server gives up. */
  waited: (time: string, limit: string) => `${time} of at most ${limit}`,
  /** The reason is the provider's. */
  again: (reason: string, seconds: number) =>
    seconds > 0 ? `${reason}. Trying again in ${seconds} s.` : `${reason}. Trying again.`,
  mayRetry: (seconds: number) => `The provider asks to wait ${seconds} s.`,
  thoughts: "Thoughts",
  thoughtsHint: "The model's notes to itself. They are not part of the answer.",
  endpoint: "Endpoint",
  cost: "Cost",
  notes: "Notes",
  sends: (tokens: string) => `Sends about ${tokens} tokens`,
  ofContext: (tokens: string) => `of ${tokens} that fit`,
  costs: (cost: string) => `costs about ${cost}`,
  costsUpTo: (cost: string, most: string) => `costs about ${cost}, at most ${most}`,
} as const;
