import * as A from "@automerge/automerge/slim";
import { useCallback } from "react";
import type { Activity } from "./activity";
import type { CallState } from "./calls";
import { valueAt } from "./commands/command";
import { failedHere, offHere, type PartState, stateOf } from "./parts";
import type { NamedPerson, Person } from "./people";
import { useRoom } from "./RoomContext";
import type { ChangeRefusal } from "./refused/refusal";
import type { RoomDoc } from "./schema/document";
import type { Part } from "./schema/parts";
import {
  type Card,
  type ChatEntry,
  type Comment,
  type Generation,
  type Participant,
  type Reaction,
  type Result,
  type RoomWindow,
  readCards,
  readChat,
  readComments,
  readGeneration,
  readNote,
  readParticipants,
  readReactions,
  readResults,
  readSettings,
  readTitle,
  readWindows,
  type Settings,
} from "./schema/read";
import { str } from "./schema/scalars";
import type { Connection } from "./socket";
import { useSource } from "./store";
import type { SyncState } from "./syncState";

const selectAll = <T>(value: T): T => value;

/**
 * Selects a value from the document. The component renders only when the selected value changes (compared shallowly),
 * so typing in a note renders no list. Keep `select` stable: a module function, or `useCallback`.
 */
export function useDoc<S>(select: (doc: RoomDoc) => S): S {
  return useSource(useRoom().doc, select);
}

/** Whether an optional part is on in this page, or the reason why it is off. */
export function usePartState(part: Part): PartState {
  const forAll = useDoc(roomParts);
  const off = useSource(offHere, selectAll);
  const failed = useSource(failedHere, selectAll);
  return stateOf(part, forAll, off, failed);
}
const roomParts = (doc: RoomDoc): Settings["parts"] => readSettings(doc).parts;

export const usePart = (part: Part): boolean => usePartState(part) === "on";

export const useTitle = (): string => useDoc(readTitle);
export const useSettings = (): Settings => useDoc(readSettings);
/** All cards in order, including removed cards. */
export const useCards = (): readonly Card[] => useDoc(readCards);
const shownCards = (doc: RoomDoc): Card[] => readCards(doc).filter((card) => card.removedBy === null);
/** The cards in the stack, in order. */
export const useStack = (): readonly Card[] => useDoc(shownCards);
/** All windows in the order and in the states of the document, including closed windows. */
export const useWindows = (): readonly RoomWindow[] => useDoc(readWindows);
/** All windows from back to front, in the states that this person sees. */
export const useShownWindows = (): readonly RoomWindow[] => useSource(useRoom().windows.shown, selectAll);
export const useParticipants = (): readonly Participant[] => useDoc(readParticipants);
export const useComments = (): readonly Comment[] => useDoc(readComments);
export const useReactions = (): ReadonlyMap<string, readonly Reaction[]> => useDoc(readReactions);
/** The reactions to one target, oldest first. The list stays the same object while it does not change. */
export function useReactionsTo(target: string): readonly Reaction[] {
  return useDoc(useCallback((doc) => readReactions(doc).get(target) ?? noReactions, [target]));
}
const noReactions: readonly Reaction[] = [];
export const useChat = (): readonly ChatEntry[] => useDoc(readChat);
export const useGeneration = (): Generation => useDoc(readGeneration);
/** Oldest first, including refused requests. */
export const useResults = (): readonly Result[] => useDoc(readResults);

export function useResult(request: string | null): Result | null {
  return useDoc(
    useCallback((doc) => readResults(doc).find((result) => result.request === request) ?? null, [request]),
  );
}

export function useNote(id: string): string {
  return useDoc(useCallback((doc) => readNote(doc, id), [id]));
}

/** The text of a result. While it streams, the text includes pieces that arrived ahead of the document. */
export function useLiveText(result: Result | null): string {
  const { live } = useRoom();
  return useSource(
    live.version,
    useCallback(() => (result === null ? "" : live.textOf(result)), [live, result]),
  );
}

/** The state of the running call for a request; null before the first message about it. */
export function useCall(request: string): CallState | null {
  return useSource(
    useRoom().calls.states,
    useCallback((states) => states.get(request) ?? null, [request]),
  );
}

/**
 * All people of the room in order of joining, with their presence. Guests that are not among the document's
 * participants come last.
 */
export const usePeople = (): readonly Person[] => useSource(useRoom().people.all, selectAll);

/** The same people without presence. The component does not render when people only move, type or leave. */
export const useNamedPeople = (): readonly NamedPerson[] => useSource(useRoom().people.named, selectAll);

export function usePerson(id: string): Person | null {
  return usePeople().find((person) => person.id === id) ?? null;
}

/** The other people who are typing in the given place now: "chat", "query", or a window id. */
export function useTyping(place: string): readonly Person[] {
  return useSource(
    useRoom().people.all,
    useCallback((people) => people.filter((person) => !person.isMe && person.typing === place), [place]),
  );
}

/**
 * The recent window changes, newest first. Every change of the document is inspected while a component uses this hook,
 * so use it only in a component that shows them.
 */
export function useActivity(): readonly Activity[] {
  return useSource(useRoom().activity, selectAll);
}

/** The heads of this page's document, sorted, so that all peers with equal heads show the same list. */
export const useHeads = (): readonly string[] => useDoc(sortedHeads);
const sortedHeads = (doc: RoomDoc): readonly string[] => A.getHeads(doc as A.Doc<RoomDoc>).sort();

export function useSync(): SyncState {
  return useSource(useRoom().sync.state, selectAll);
}

/** Whether the server cannot be reached, as the pill in the header says. */
export const useOffline = (): boolean => useSource(useRoom().sync.state, isOffline);
const isOffline = ({ kind, blocked }: SyncState): boolean => kind === "offline" && blocked !== true;

/** The server's refusal of this page's changes, or null if no changes were refused. */
export function useRefusal(): ChangeRefusal | null {
  return useSource(useRoom().socket.connection, refusalOf);
}

const refusalOf = (connection: Connection): ChangeRefusal | null =>
  connection.state === "refused" ? (connection.refusal ?? null) : null;

export function useUndo(): { readonly canUndo: boolean; readonly canRedo: boolean } {
  const { history, historyVersion } = useRoom();
  return useSource(
    historyVersion,
    useCallback(() => ({ canUndo: history.canUndo, canRedo: history.canRedo }), [history]),
  );
}

/** All concurrent values of one scalar field, the winning value first; one value if there is no conflict. */
export function useConflict(path: readonly string[]): readonly string[] {
  const joined = path.join("\n");
  return useDoc(useCallback((doc) => conflictsAt(doc, joined.split("\n")), [joined]));
}

export function conflictsAt(doc: RoomDoc, path: readonly string[]): readonly string[] {
  const owner = valueAt(doc, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof owner !== "object" || owner === null || key === undefined) return [];
  const winner = str((owner as Record<string, unknown>)[key]);
  const all = A.getConflicts(owner as A.Doc<unknown>, key);
  if (all === undefined) return [winner];
  const values = new Set([winner, ...Object.values(all).map((value) => str(value))]);
  return [...values];
}

/**
 * The authors of the concurrent values of a field: a map from value to identity. A command writes its author into the
 * change's message, so a change without a message has no known author. The hook searches the whole history: use it only
 * for a field with a conflict.
 */
export function useConflictAuthors(path: readonly string[]): Readonly<Record<string, string>> {
  const joined = path.join("\n");
  return useDoc(useCallback((doc) => conflictAuthors(doc, joined.split("\n")), [joined]));
}

export function conflictAuthors(doc: RoomDoc, path: readonly string[]): Readonly<Record<string, string>> {
  const key = path.at(-1) ?? "";
  const owner = valueAt(doc, path.slice(0, -1));
  if (typeof owner !== "object" || owner === null) return {};
  const all = A.getConflicts(owner as A.Doc<unknown>, key) ?? {};
  const authors: Record<string, string> = {};
  const changes = A.getChangesMetaSince(doc as A.Doc<RoomDoc>, []);
  for (const [op, value] of Object.entries(all)) {
    // An operation id is the operation's counter and its actor.
    const [counter, actor] = op.split("@");
    const opCounter = Number(counter);
    const change = changes.find(
      (candidate) =>
        candidate.actor === actor && candidate.startOp <= opCounter && opCounter <= candidate.maxOp,
    );
    if (change?.message) authors[str(value)] = change.message;
  }
  return authors;
}
