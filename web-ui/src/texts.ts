/**
 * All texts that the page shows or reads aloud, in English, by the part of the page. A translation replaces this file.
 * A text with a variable part is a function. This file imports nothing.
 */

/** Front page. */
export const frontTexts = {
  role: "Role",
  patientEditorShippedSoftware: "A patient editor who has shipped software",
  tone: "Tone",
  friendLate: "As to a friend who is late",
  format: "Format",
  threeBulletsThenOneLine: "Three bullets, then one line",
  everyoneRoomHoldsFewCards:
    "Everyone in the room holds a few cards. You play one, someone else plays the next.",
  parlorPromptItTogether: "Parlor: prompt it together",
  serverNotAnswerRoomsOpened:
    "The server does not answer. Rooms that you have opened before still open from this browser.",
  fileTooLargeRoom: "This file is too large for a room.",
  serverNotAnswerFileNot: "The server does not answer. The file was not imported. Try again later.",
  parlor: "Parlor",
  promptItTogether: "Prompt it together.",
  oneRoomOneStackCards:
    "One room, one stack of cards, one answer that everybody watches arrive. It keeps working when your train enters a tunnel.",
  whatIsTheRoomFor: "What is the room for?",
  launchPageCopy: "Launch page copy",
  opening: "Opening…",
  openARoom: "Open a room",
  canLeaveEmptyNoAccount: "You can leave it empty. No account is needed.",
  addASecretWord: "Add a secret word",
  importARoom: "Import a room",
  secretWordPeopleWillNeed: "Secret word (people will need it as well as the link)",
  isntRoomFileChooseExport: "That isn't a room file. Choose “Export as JSON” in a room's menu to make one.",
  recentRooms: "Recent rooms",
  untitledRoom: "Untitled room",
  forget: (text: string) => `Forget ${text}`,
  forgetRoomBrowser: "Forget this room in this browser",
} as const;

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
