/**
 * The room's interface for the rest of the page: typed views, hooks and commands. Components import from here and do
 * not use Automerge directly, except an editor that is bound to a shared text. The views before a room is open (front
 * page, name) import from single files instead, so that they load without Automerge.
 */
export type { Activity, WindowAction } from "./activity";
export * from "./api";
export { closingsByOthers } from "./closings";
export * from "./commands";
export { fileNameOf, saveCopy, saveFile } from "./copy";
export { browserStoresData, createIdentity } from "./credential";
export * from "./hooks";
export { memory, type OwnIdentity, type RoomRecord } from "./memory";
export { avatarText, guestNameFor, randomGuestName } from "./names";
export { failHere, guarded, type PartState, retryPart, switchHere } from "./parts";
export { colorVar, type NamedPerson, type Person, type PersonStatus } from "./people";
export { RoomProvider, useRoom } from "./RoomContext";
export { buildRefusalReport, saveRefusalReport } from "./refusalReport";
export * from "./refused";
export { type AppVersion, appStateOf, appVersionsOf, VERSIONS_MAX } from "./schema/apps";
export {
  CARD_TYPES,
  type CardType,
  type ChatKind,
  LIMITS,
  type ResultStatus,
  type Role,
  type RoomDoc,
  SIGNS,
  type Sign,
  type WindowState,
  type WindowType,
} from "./schema/document";
export { PARTS, type Part } from "./schema/parts";
export type {
  Card,
  ChatEntry,
  Comment,
  Generation,
  Lock,
  Participant,
  Reaction,
  Result,
  RoomWindow,
  Settings,
} from "./schema/read";
export { readGeneration, readResults } from "./schema/read";
export { serverConfig } from "./serverCondition";
export { type Announcement, type Notice, type Opening, openRoom, type RoomSession } from "./session";
export type { Connection } from "./socket";
export { keepsNothing, keepsNothingSource } from "./storage";
export { type Source, useSource } from "./store";
export { describeSync, type SyncState } from "./syncState";
export { isCore } from "./windowView";
