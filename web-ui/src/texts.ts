/**
 * All texts that the page shows or reads aloud, in English, by the part of the page. A translation replaces this file.
 * A text with a variable part is a function. This file imports nothing.
 */

/** Command palette and keyboard shortcuts. */
export const paletteTexts = {} as const;

/** Search in the room. */
export const searchTexts = {
  title: "Search in the room",
  placeholder: "Search chat, notes, cards, answers",
  close: "Close search",
  hits: "Search results",
  count: (hits: number) =>
    hits === 0 ? "Nothing found" : hits === 1 ? "1 hit" : `${hits.toLocaleString("en-GB")} hits`,
  note: "Note",
  groups: {
    questions: "Questions",
    answers: "Answers",
    chat: "Chat",
    notes: "Notes",
    cards: "Cards",
    comments: "Comments",
  },
} as const;

/** Quotes, pins and comments of selected text. */
export const selectionTexts = {
  toolbar: "Selected text",
  hint: "Text selected. Alt Enter shows what you can do with it.",
  quoteToChat: "Quote to chat",
  ask: "Ask about it",
  pin: "Pin to a note",
  newNote: "New note",
  pinnedTo: (note: string) => `Pinned to ${note}`,
  pinnedTitle: "Pinned",
  undo: "Undo",
  comment: "Comment",
  comments: (count: number) => (count === 1 ? "1 comment" : `${count} comments`),
  commentsTitle: "Comments",
  allComments: "All comments",
  showAll: "Show all",
  closeComments: "Close comments",
  noComments: "No open comments.",
  newComment: "Comment",
  commentField: "Write a comment",
  commentAdded: "Comment added",
  commentDeleted: "Comment deleted",
  deleteComment: "Delete comment",
  reply: "Reply",
  replyField: "Write a reply",
  resolve: "Resolve",
  reopen: "Reopen",
  resolved: "Resolved",
  reopened: "Reopened",
  resolvedBy: (name: string) => `Resolved by ${name}`,
  you: "you",
  showResolved: (count: number) => `Show ${count} resolved`,
  hideResolved: "Hide resolved",
  textGone: "The text was removed.",
  cancel: "Cancel",
  tooLong: (over: number) => `${over.toLocaleString("en-GB")} characters too many`,
  answerOf: (name: string) => `the answer to ${name}`,
  cardOf: (name: string) => `${name}'s card`,
  noteTitled: (title: string) => `the note “${title}”`,
  messageOf: (name: string) => `${name} in the chat`,
} as const;

/** Later texts of chat messages, and signs for a hidden tab. */
export const chatTexts = {
  doneSound: "Sound when your answer is done",
  edit: "Edit message",
  editField: "Edit your message",
  delete: "Delete message",
  deleted: "Message deleted",
  edited: "edited",
  save: "Save",
  cancel: "Cancel",
  undo: "Undo",
  emptyEdit: "Write something, or delete the message",
  tooLong: (over: number) => `${over.toLocaleString("en-GB")} too many`,
} as const;

/** Follow mode. */
export const followTexts = {
  follow: "Follow",
  followPerson: (name: string) => `Follow ${name}`,
  stopFollowing: (name: string) => `Stop following ${name}`,
  following: (name: string) => `Following ${name}, Esc to stop`,
  stop: "Stop",
  followers: (names: readonly string[]) =>
    names.length > 2
      ? `${names.length} people follow you`
      : `${names.join(" and ")} ${names.length === 1 ? "follows" : "follow"} you`,
  allow: "Others can follow me",
} as const;

/** Votes and reactions. */
export const voteTexts = {
  voteShort: "Vote",
  you: "you",
  someone: "Someone",
  /** The label of a vote button, with the names of the people who voted. */
  vote: (names: readonly string[]) =>
    names.length === 0
      ? "Vote"
      : `${names.length === 1 ? "1 vote" : `${names.length} votes`}: ${names.join(", ")}`,
  react: "React",
  reactTo: (name: string) => `React to ${name}`,
  reaction: (sign: string, names: readonly string[]) => `${sign}: ${names.join(", ")}`,
  names: {
    up: "Thumbs up",
    heart: "Heart",
    laugh: "Laughing",
    party: "Party",
    eyes: "Looking",
    done: "Done",
  },
  signs: { up: "👍", heart: "❤️", laugh: "😄", party: "🎉", eyes: "👀", done: "✅" },
} as const;

/** Images, and what is attached to a question. */
export const attachmentTexts = {
  list: "Attached to your question",
  remove: (name: string) => `Remove “${name}” from the question`,
  full: (most: number) => `A question takes up to ${most} attachments. Remove one first.`,
} as const;

/** Minimap, layouts and forks. */
export const layoutTexts = {} as const;

/** Models: names, costs, thoughts and waiting times. */
export const modelTexts = {} as const;
