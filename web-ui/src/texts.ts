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

/** Publishing, my apps and remix. */
export const publishTexts = {
  address: "Address",
  copyAddress: "Copy address",
  appAddressPublishingShowsApp: "You have an app at this address. Publishing shows this app there instead.",
  addressStaysSamePublishNewer: "The address stays the same when you publish a newer version.",
  partAddress: "Your part of the address",
  addressAllAppsWhereEverybody: "It is in the address of all your apps, where everybody can read it.",
  showMyName: "Show my name",
  nameToShow: "Name to show",
  pageAppGetsAddressAbove: "The page of the app gets its address above.",
  theAppsPageAt: "The app's page at",
  shows: "shows",
  this: "this",
  no: "no",
  name: "name.",
  copied: "Copied",
  copyingNotAllowedTextSelected: "Copying is not allowed here. The text is selected; press Ctrl C.",
  myApps: "My apps",
  appsCannotListed: "Your apps cannot be listed now.",
  tryAgain: "Try again",
  appsPublishRoomAppear: "Apps that you publish from a room appear here.",
  notPublished: "Not published",
  published: "Published",
  copyTheAddressOf: (appSlug: string) => `Copy the address of ${appSlug}`,
  publishV: "Publish v",
  remix: "Remix",
  unpublish: "Unpublish",
  versionsOf: (appSlug: string) => `Versions of ${appSlug}`,
  v: "v",
  shown: "Shown",
  showThisVersionV: (releaseSeq: number) => `Show this version: v${releaseSeq}`,
  showThisVersion: "Show this version",
  publish: "Publish “",
  close: "Close",
  thisVersion: "This version",
  stillHasAnError: (name: string) => `${name} still has an error.`,
  hasNone: (name: string) => ` ${name} has none.`,
  publishLastGoodVersion: "Publish the last good version",
  publishVInstead: (version: number) => `Publish v${version} instead`,
  publishedBut: "Published, but:",
  whoCanOpenIt: "Who can open it",
  anyoneWithTheLink: "Anyone with the link",
  notListedAnywherePeopleEnter: "Not listed anywhere. What people enter there stays apart from this room.",
  embedInAPage: "Embed in a page",
  addressNotComplete: "The address is not complete.",
  copyEmbedSnippet: "Copy embed snippet",
  unpublishedAddressShowsNothing: "Unpublished. The address shows nothing now.",
  addressShowsEarlierVersion: "The address shows an earlier version now.",
  canUnpublishAnyTime: "You can unpublish at any time.",
  openIt: "Open it",
  or: " or ",
  withItsBar: "with its bar",
  cancel: "Cancel",
  working: "Working…",
  publish2: "Publish",
  publishV2: (version: number) => `Publish v${version}`,
  done: "Done",
  qrCodeAddressNotComplete: "QR code: the address is not complete",
  qrCodeOf: (url: string) => `QR code of ${url}`,
  remix2: "Remix “",
  copyCodeGoesIntoRoom:
    "A copy of its code goes into a room, where everybody can change it. The published app stays as it is.",
  room: "Room",
  aNewRoom: "A new room",
  untitledRoom: "Untitled room",
  copying: "Copying…",
  serverNoFileApp: (fileName: string) => `The server has no file ${fileName} of this app.`,
  serverNotAnswerTime: "The server did not answer in time.",
  serverCannotReached: "The server cannot be reached.",
  serverAnsweredSomethingPage: "The server answered something that this page does not understand.",
  canOnlyWatchRoomNot: (appSlug: string) => `You can only watch in this room, so “${appSlug}” was not added.`,
  isInThisRoomNow: (appSlug: string) => `“${appSlug}” is in this room now.`,
  itHasFiles: (text: number) => `It has ${text} files.`,
  notTaken: (list: string) => `Not taken: ${list}.`,
  publishingNeedsNameEnterRoom: "Publishing needs a name. Enter a room once, then try again.",
  serverNotAcceptIdentityBrowser:
    "The server does not accept the identity of this browser. Reload the page and try again.",
  appBelongsAnotherPerson: "This app belongs to another person.",
  noSuchAppMayRemoved: "There is no such app here. It may have been removed.",
  appNotPublishedCannotRemixed: "This app is not published now, so it cannot be remixed.",
  appNoCodeRoomCan: "This app has no code that a room can show.",
  fileAppNoLongerStored: "A file of this app is no longer stored on the server.",
  manyAppsServerAllowsPublish:
    "You have as many apps as this server allows. Publish under the address of one of them.",
  manyNamesServerAllowsUse: "You have as many names as this server allows. Use one of them.",
  manyVersionsServerKeepsAll:
    "You have as many versions as this server keeps, and all were published. Ask the operator of this server for more room.",
  serverFoundNoFreeName: "The server found no free name. Type a name of your own.",
  typeNamePartAddress: "Type a name for your part of the address.",
  tooManyRequestsOnceWait: "Too many requests at once. Wait a minute and try again.",
  serverCannotMayOlderThan: "This server cannot do this. It may be older than this page.",
  serverCannotPublishNothingChanged: "The server cannot publish now. Nothing was changed. Try again later.",
  serverNotAnswerNothingChanged:
    "The server does not answer. Nothing was changed here. Try again when you are online.",
  serversAnswerCannotUnderstood: "The server's answer cannot be understood. Reload the page and try again.",
  somethingFailedNothingLostTry: "Something failed. Nothing is lost here. Try again.",
  thisName: "This name",
  belongsAnotherPersonTypeAnother: (user: string) => `${user} belongs to another person. Type another name.`,
  nothingPublishAppNeedsHtml: "There is nothing to publish: an app needs an HTML file or code.",
  addressNotAllowed330:
    "This address is not allowed: 3 to 30 characters, words of a to z and 0 to 9, joined by single dashes.",
  notAllowed330Characters: (user: string) =>
    `${user} is not allowed: 3 to 30 characters, words of a to z and 0 to 9, joined by single dashes.`,
  theServerRefusesIt: "the server refuses it",
  appTooLarge: (text: string) => `The app is too large: ${text}.`,
  partNotAllowed: "a part of it is not allowed",
  serverRefusesApp: (text: string) => `The server refuses the app: ${text}.`,
  serverFailedOperatorFindsError: (id: string) =>
    `The server has failed. Its operator finds the error under ${id}.`,
  codeNotCompile: (message: string) => `The code does not compile: ${message}`,
  lineColumn: (line: number, column: number) => `, line ${line}, column ${column}`,
  doesNotCompile: (file: string, at: string, text: string) => `${file} does not compile${at}${text}`,
  atLeastCharacters: (min: number) => `At least ${min} characters.`,
  atMostCharacters: (max: number) => `At most ${max} characters.`,
  onlyLettersZDigitsDashes: "Only the letters a to z, digits and dashes.",
  dashStandsBetweenTwoWords: "A dash stands between two words: not first, not last, not twice in a row.",
  typeNameShow: "Type the name to show.",
  atMostCharacters2: (authorNameMax: number) => `At most ${authorNameMax} characters.`,
  withoutControlCharactersCharacters:
    "Without control characters and characters that turn the direction of text.",
  vIsPublished: (version: number) => `v${version} is published`,
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
