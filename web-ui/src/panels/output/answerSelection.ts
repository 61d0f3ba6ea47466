import { useEffect, useRef } from "react";
import { type RoomSession, useGeneration, useResults, useRoom, useSource } from "../../room";
import { serverTime } from "../../room/clock";
import type { Generation, Result } from "../../room/schema/read";
import { Cell } from "../../room/store";
import type { SyncState } from "../../room/syncState";

/**
 * The answer that a reader has chosen, and the newest answer at that moment; null for a reader who follows the newest.
 */
export type Chosen = { readonly request: string; readonly newest: string | null };

/** The page's choice of the shown answer. It lives until the room is closed, so that a closed Output loses nothing. */
type AnswerSelection = {
  readonly chosen: Cell<Chosen | null>;
  /** A request of this person with an answer that the layout has yet to bring into view. */
  readonly toShow: Cell<string | null>;
};

const selections = new WeakMap<RoomSession, AnswerSelection>();

function selectionIn(room: RoomSession): AnswerSelection {
  let selection = selections.get(room);
  if (selection === undefined) {
    selection = { chosen: new Cell<Chosen | null>(null), toShow: new Cell<string | null>(null) };
    selections.set(room, selection);
  }
  return selection;
}

const selectAll = <T>(value: T): T => value;

export const chosenIn = (room: RoomSession): Cell<Chosen | null> => selectionIn(room).chosen;
export const useChosen = (): Chosen | null => useSource(chosenIn(useRoom()), selectAll);

/** Shows the answer to a request of this person as soon as there is one, and brings Output into view now. */
export function showOwnAnswer(room: RoomSession, request: string): void {
  const { chosen, toShow: wanted } = selectionIn(room);
  chosen.set({ request, newest: request });
  wanted.set(request);
}

/** The current layout brings Output into view after this person has asked. */
export function useOnOwnRequest(show: () => void): void {
  const { toShow: wanted } = selectionIn(useRoom());
  const request = useSource(wanted, selectAll);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (request === null) return;
    wanted.set(null);
    latest.current();
  }, [wanted, request]);
}

/**
 * This person's requests that have not ended, or ended at or after `since` (the server's time), oldest first. A refused
 * request has no answer to show.
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
 * Shows this person's answers, wherever the person asked: with Generate, with Retry, in another tab, by HTTP, or before
 * the page was loaded if the answer is still being written.
 */
export function useOwnAnswers(): void {
  const room = useRoom();
  const generation = useGeneration();
  const results = useResults();
  const since = useRef(serverTime());
  const shownRequests = useRef(new Set<string>());
  const upToDate = useSource(room.sync.state, isUpToDate);
  const wasUpToDate = useRef(false);
  useEffect(() => {
    // The local copy may be older than a close of Output by another person: look again after the first sync.
    if (upToDate && !wasUpToDate.current) shownRequests.current.clear();
    wasUpToDate.current ||= upToDate;
    const own = ownRequests(room.me.identity, generation, results, since.current);
    const newRequest = own.findLast((request) => !shownRequests.current.has(request));
    shownRequests.current = new Set(own);
    if (newRequest !== undefined) showOwnAnswer(room, newRequest);
  }, [room, generation, results, upToDate]);
}

const isUpToDate = ({ kind }: SyncState): boolean => kind === "saved" || kind === "back-online";
