import { useCallback, useEffect, useMemo } from "react";
import {
  type RoomSession,
  requestGeneration,
  requestStop,
  useCards,
  useGeneration,
  useResults,
  useRoom,
  useSource,
} from "../../room";
import { serverTime } from "../../room/clock";
import { LIMITS } from "../../room/schema/document";
import { Cell } from "../../room/store";
import { showOwnAnswer } from "../output/answerSelection";
import { runningOf } from "../output/running";
import { usePersonOf } from "../shared/people";
import { useNow } from "../shared/useNow";
import type { RequestNotice } from "./Composer";
import { giveBack, questionIn } from "./question";
import {
  generateBlockedReason,
  rateLimitOf,
  rateLimitText,
  refusalText,
  trimmedQuery,
  UNANSWERED_MS,
} from "./state";

/** The last request that was made in this page, until it ends or the person dismisses its refusal. */
type LastRequest = {
  readonly request: string;
  readonly query: string;
  readonly after: string;
  readonly at: number;
  /** Whether the question was written in the composer, which gets it back if it does not run. */
  readonly isTyped: boolean;
};

/**
 * Requests an answer, and returns the id of the request. `after` is the request whose conversation this one continues;
 * empty for a new conversation. `isTyped` is true for a question from the composer.
 */
export type Ask = (query: string, after?: string, isTyped?: boolean) => string;

const lastRequests = new WeakMap<RoomSession, Cell<LastRequest | null>>();

function lastRequestIn(room: RoomSession): Cell<LastRequest | null> {
  let cell = lastRequests.get(room);
  if (cell === undefined) {
    cell = new Cell<LastRequest | null>(null);
    lastRequests.set(room, cell);
  }
  return cell;
}

const selectAll = <T>(value: T): T => value;

/** Whether the connection to the server is open. The state pill shows the details. */
export const useServerReachable = (): boolean =>
  useSource(useRoom().socket.connection, (now) => now.state === "open");

/** The current generation of the room, or null. */
export function useRunning() {
  const generation = useGeneration();
  const results = useResults();
  return useMemo(() => runningOf(generation, results), [generation, results]);
}

/** The reason why an answer to this query cannot be requested now, or null. */
export function useGenerateBlockedReason(query: string): string | null {
  const room = useRoom();
  const online = useServerReachable();
  const running = useRunning();
  const person = usePersonOf();
  const author = running === null ? null : person(running.by);
  return generateBlockedReason({
    role: room.role,
    online,
    running: author === null ? null : { name: author.name, isOwn: author.isMe },
    query,
    queryMax: LIMITS.query,
  });
}

/** Functions to request an answer and to stop it. Both only write into the document; the server decides. */
export function useRequests(): { readonly ask: Ask; readonly stop: (request: string) => void } {
  const room = useRoom();
  const cards = useCards();
  const ask = useCallback(
    (query: string, after = "", isTyped = false) => {
      const request = room.newId();
      const active = cards.filter((card) => card.removedBy === null).map((card) => card.id);
      room.change(
        requestGeneration({
          ...room.authorship(),
          request,
          query: trimmedQuery(query),
          cards: active,
          after,
        }),
      );
      lastRequestIn(room).set({ request, query, after, at: Date.now(), isTyped });
      showOwnAnswer(room, request);
      return request;
    },
    [room, cards],
  );
  const stop = useCallback(
    (request: string) => {
      room.change(requestStop(request, room.authorship()));
    },
    [room],
  );
  return { ask, stop };
}

/** The message about this page's last request, if it waits for the server or was refused; else null. */
export function useRequestOutcome(retry: Ask): RequestNotice | null {
  const room = useRoom();
  const cell = lastRequestIn(room);
  const last = useSource(cell, selectAll);
  const results = useResults();
  const person = usePersonOf();
  const running = useRunning();
  const online = useServerReachable();
  const now = useNow(last !== null, 1000);
  const result = last === null ? undefined : results.find((each) => each.request === last.request);

  useEffect(() => {
    if (result !== undefined && result.status !== "refused") cell.set(null);
  }, [result, cell]);
  const isRefused = result?.status === "refused";
  useEffect(() => {
    if (isRefused && last?.isTyped === true) giveBack(room, last.query);
  }, [isRefused, last, room]);

  if (last === null) return null;
  const close = () => cell.set(null);
  if (result?.status === "refused") {
    const nameOf = (request: string) => {
      const other = results.find((each) => each.request === request);
      const author = other === undefined || other.by === "" ? null : person(other.by);
      return author === null || author.isMe ? null : author.name;
    };
    const limit = rateLimitOf(result.reason, serverTime(now));
    const mayRetry = running === null && (limit === null || limit.seconds === 0);
    const tryAgain = () => {
      // The question is in the field again, and leaves it again.
      if (last.isTyped && questionIn(room).get() === last.query) questionIn(room).set("");
      retry(last.query, last.after, last.isTyped);
    };
    const retryAction = mayRetry ? { label: "Try again", run: tryAgain } : null;
    if (limit !== null)
      return { tone: "problem", ...rateLimitText(limit), action: retryAction, onClose: close };
    return { tone: "problem", text: refusalText(result.reason, nameOf), action: retryAction, onClose: close };
  }
  if (result !== undefined || now - last.at < UNANSWERED_MS) return null;
  return {
    tone: "wait",
    text: online
      ? "The server has not started on your request yet."
      : "The connection broke before the server started on your request. It decides after the reconnection.",
    action: { label: "Withdraw", run: () => withdraw(room, last, close) },
    onClose: null,
  };
}

/** Withdraws a request by a stop request: the server does not run it then. Only the server may clear the lock [AD6]. */
function withdraw(room: RoomSession, { request, query, isTyped }: LastRequest, then: () => void): void {
  room.change(requestStop(request, room.authorship()));
  if (isTyped) giveBack(room, query);
  then();
}
