/**
 * The room as the rest of the page sees it: typed views, hooks, and commands. Components import from here only and never
 * touch automerge; an editor bound to a text gets `room.handle` and the path. What is shown before a room is there (front
 * page, name) imports from the files instead, to be there before it.
 */
export type { Activity, WindowDeed } from "./activity";
export * from "./api";
export * from "./commands";
export { fileNameOf, saveCopy, saveFile } from "./copy";
export { becomeSomeone, browserKeeps } from "./credential";
export {
  CARD_TYPES,
  type CardType,
  type ChatKind,
  LIMITS,
  type ResultStatus,
  type Role,
  type RoomDoc,
  type WindowState,
  type WindowType,
} from "./document";
export * from "./hooks";
export { type KnownMe, type KnownRoom, memory } from "./memory";
export { avatarText, guestFor, guestName } from "./names";
export { failHere, guarded, PARTS, type Part, type PartState, switchHere, tryAgain } from "./parts";
export { colorVar, type Person, type PersonStatus } from "./people";
export { RoomProvider, useRoom } from "./RoomContext";
export type {
  Card,
  ChatEntry,
  Generation,
  Lock,
  Participant,
  Result,
  RoomWindow,
  Settings,
} from "./read";
export * from "./refused";
export { type Announcement, type Notice, type Opening, openRoom, type RoomSession } from "./session";
export type { Connection } from "./socket";
export { keeping, keepsNothing } from "./storage";
export { type Source, useSource } from "./store";
export { describeSync, type SyncState } from "./syncState";
