import { useEffect, useMemo, useRef } from "react";
import { type RoomSession, useGeneration, useResults, useRoom, useSource } from "../../room";
import { serverTime } from "../../room/clock";
import type { Generation, Result } from "../../room/schema/read";
import { Cell } from "../../room/store";
import type { SyncState } from "../../room/syncState";
import { answersOf } from "./results";
import { AnswerTree, type Step } from "./thread";

/** The last answer of the conversation that the reader has chosen, and the newest answer at that moment. */
export type Chosen = {
  readonly request: string;
  readonly newest: string | null;
  /** Whether it is the answer to a new question of this person, to which Output scrolls. */
  readonly isOwn?: boolean;
  /** Whether the page has chosen it, since it is written while the reader follows. */
  readonly isHeld?: boolean;
};

/** The conversation that the page shows. It is kept until the room is closed, also while Output is closed. */
type AnswerSelection = {
  readonly chosen: Cell<Chosen | null>;
  /**
   * The answer that the next question follows: "" for a new conversation, null for the end of the shown conversation.
   */
  readonly followed: Cell<string | null>;
  /** A request of this person for which the layout must still bring Output into view, or null. */
  readonly toShow: Cell<string | null>;
};

const selections = new WeakMap<RoomSession, AnswerSelection>();

function selectionIn(room: RoomSession): AnswerSelection {
  let selection = selections.get(room);
  if (selection === undefined) {
    selection = {
      chosen: new Cell<Chosen | null>(null),
      followed: new Cell<string | null>(null),
      toShow: new Cell<string | null>(null),
    };
    selections.set(room, selection);
  }
  return selection;
}

const selectAll = <T>(value: T): T => value;

export const chosenIn = (room: RoomSession): Cell<Chosen | null> => selectionIn(room).chosen;
export const useChosen = (): Chosen | null => useSource(chosenIn(useRoom()), selectAll);

/** The answer that the next question is set to follow: "" for a new conversation, null for the shown conversation. */
export const followedIn = (room: RoomSession): Cell<string | null> => selectionIn(room).followed;
export const useFollowed = (): string | null => useSource(followedIn(useRoom()), selectAll);

/** The conversation that Output shows, and the tree of all answers. */
export type Thread = { readonly tree: AnswerTree; readonly path: readonly Step[] };

export function useThread(): Thread {
  const results = useResults();
  const chosen = useChosen()?.request ?? null;
  return useMemo(() => threadOf(results, chosen), [results, chosen]);
}

/** The last conversation of each list of results. Several components show it, and all get the same one. */
const threads = new WeakMap<readonly Result[], Thread & { readonly chosen: string | null }>();

export function threadOf(results: readonly Result[], chosen: string | null): Thread {
  const last = threads.get(results);
  if (last?.chosen === chosen) return last;
  const tree = last?.tree ?? new AnswerTree(answersOf(results));
  const thread = { tree, path: tree.path(chosen), chosen };
  threads.set(results, thread);
  return thread;
}

/**
 * The answer that the next question follows; "" for a new conversation. It is the end of the shown conversation, unless
 * the person has chosen another answer or a new conversation.
 */
export function useAnswerToFollow(): string {
  const { tree, path } = useThread();
  const followed = useFollowed();
  if (followed === "" || (followed !== null && tree.get(followed) !== undefined)) return followed;
  return path.at(-1)?.answer.request ?? "";
}

/** Brings Output into view, and shows the answer to a request of this person as soon as it exists. */
export function showOwnAnswer(room: RoomSession, request: string): void {
  const { chosen, toShow } = selectionIn(room);
  chosen.set({ request, newest: request, isOwn: true });
  toShow.set(request);
}

/** Calls `show`, with which the current layout brings Output into view, when this person has made a request. */
export function useOnOwnRequest(show: () => void): void {
  const { toShow } = selectionIn(useRoom());
  const request = useSource(toShow, selectAll);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (request === null) return;
    toShow.set(null);
    latest.current();
  }, [toShow, request]);
}

/**
 * The requests of a person that have not ended, or ended at or after `since` (by the server's clock), oldest first.
 * Refused requests are left out, since they have no answer.
 */
export function ownRequests(
  me: string,
  generation: Generation,
  results: readonly Result[],
  since: number,
): readonly string[] {
  const { lock } = generation;
  const isPending = lock?.by === me && !results.some((result) => result.request === lock.request);
  const own = results
    .filter((result) => result.by === me && result.status !== "refused")
    .filter((result) => result.status === "running" || (result.endedAt ?? 0) >= since)
    .map((result) => result.request);
  return isPending ? [...own, lock.request] : own;
}

/**
 * Shows each new answer to a request of this person. The request may come from Generate, Retry, another tab or HTTP. It
 * may also be older than the page, if its answer is still being written.
 */
export function useOwnAnswers(): void {
  const room = useRoom();
  const generation = useGeneration();
  const results = useResults();
  const since = useRef(serverTime());
  const shownRequests = useRef(new Set<string>());
  const begunRequests = useRef(new Set<string>());
  const upToDate = useSource(room.sync.state, isUpToDate);
  const wasUpToDate = useRef(false);
  useEffect(() => {
    // After the first sync, show the answers again: another person may have closed Output meanwhile.
    if (upToDate && !wasUpToDate.current) shownRequests.current.clear();
    wasUpToDate.current ||= upToDate;
    const own = ownRequests(room.me.identity, generation, results, since.current);
    const newRequest = own.findLast((request) => !shownRequests.current.has(request));
    shownRequests.current = new Set(own);
    if (newRequest !== undefined) showOwnAnswer(room, newRequest);
    // A request may wait for minutes. Its answer is shown when it begins, whatever the reader has read meanwhile.
    const begun = own.filter((request) => results.some((result) => result.request === request));
    const newAnswer = begun.findLast((request) => !begunRequests.current.has(request));
    begunRequests.current = new Set(begun);
    if (newAnswer !== undefined && newAnswer !== newRequest)
      chosenIn(room).set({ request: newAnswer, newest: newAnswer, isOwn: true });
  }, [room, generation, results, upToDate]);
}

const isUpToDate = ({ kind }: SyncState): boolean => kind === "saved" || kind === "back-online";
