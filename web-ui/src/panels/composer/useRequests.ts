import { useCallback, useEffect, useMemo } from "react";
import {
  type RoomSession,
  requestGeneration,
  requestStop,
  sendMessage,
  useCards,
  useGeneration,
  useRefusal,
  useResults,
  useRoom,
  useSource,
} from "../../room";
import { serverTime } from "../../room/clock";
import { LIMITS } from "../../room/schema/document";
import { Cell } from "../../room/store";
import { composerTexts } from "../../texts";
import { showOwnAnswer } from "../output/answerSelection";
import { runningOf } from "../output/running";
import { usePersonOf } from "../shared/people";
import { useNow } from "../shared/useNow";
import { attachmentsIn, type DraftAttachment, toRequest } from "./attachments";
import type { RequestNotice } from "./Composer";
import { giveBack, questionIn } from "./question";
import { generateBlockedReason, limitOf, limitText, refusalText, trimmedQuery, UNANSWERED_MS } from "./state";

/** The last request that was made in this page, until it ends or the person dismisses its refusal. */
type LastRequest = {
  readonly request: string;
  readonly query: string;
  readonly after: string;
  readonly at: number;
  /** Whether the question was written in the composer, which gets it back if it does not run. */
  readonly isTyped: boolean;
  readonly attached: readonly DraftAttachment[];
};

/**
 * Requests an answer, and returns the id of the request. `after` is the request whose conversation this one continues;
 * empty for a new conversation. `isTyped` is true for a question from the composer.
 */
export type Ask = (
  query: string,
  after?: string,
  isTyped?: boolean,
  attached?: readonly DraftAttachment[],
) => string;

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
  const refused = useRefusal() !== null;
  return generateBlockedReason({
    role: room.role,
    online,
    refused,
    query,
    queryMax: LIMITS.query,
  });
}

/** Writes a chat message that asks the model, with its request in the same change [GE16]. */
type AskInChat = (
  query: string,
  after: string,
  message: {
    readonly text: string;
    readonly replyTo: string | null;
    readonly image?: string;
    readonly alt?: string;
  },
) => void;

/** Functions to request an answer and to stop it. They only write into the document; the server decides. */
export function useRequests(): {
  readonly ask: Ask;
  readonly askInChat: AskInChat;
  readonly stop: (request: string) => void;
} {
  const room = useRoom();
  const cards = useCards();
  const ask = useCallback(
    (query: string, after = "", isTyped = false, attached: readonly DraftAttachment[] = []) => {
      const request = room.newId();
      const active = cards.filter((card) => card.removedBy === null).map((card) => card.id);
      room.change(
        requestGeneration({
          ...room.authorship(),
          request,
          query: trimmedQuery(query),
          cards: active,
          after,
          attach: toRequest(attached),
        }),
      );
      lastRequestIn(room).set({ request, query, after, at: Date.now(), isTyped, attached });
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
  const askInChat = useCallback<AskInChat>(
    (query, after, { text, replyTo, image, alt }) => {
      const active = cards.filter((card) => card.removedBy === null).map((card) => card.id);
      const [chat, request, authorship] = [room.newId(), room.newId(), room.authorship()];
      const message = sendMessage({ ...authorship, id: chat, text, replyTo, image, alt });
      const attach = image === undefined ? [] : [{ kind: "image" as const, id: image, text: alt ?? "" }];
      const lock = requestGeneration({ ...authorship, request, query, cards: active, after, chat, attach });
      room.change((doc) => {
        message(doc);
        lock(doc);
      });
    },
    [room, cards],
  );
  return { ask, askInChat, stop };
}

/** The message about this page's last request, if it waits for the server or was refused; else null. */
export function useRequestOutcome(retry: Ask): RequestNotice | null {
  const room = useRoom();
  const cell = lastRequestIn(room);
  const last = useSource(cell, selectAll);
  const results = useResults();
  const person = usePersonOf();
  const { queue = [] } = useGeneration();
  const online = useServerReachable();
  const now = useNow(last !== null, 1000);
  const result = last === null ? undefined : results.find((each) => each.request === last.request);

  useEffect(() => {
    if (result !== undefined && result.status !== "refused") cell.set(null);
  }, [result, cell]);
  const isRefused = result?.status === "refused";
  useEffect(() => {
    if (isRefused && last?.isTyped === true) giveAllBack(room, last);
  }, [isRefused, last, room]);

  const wasCancelledHere = result?.status === "refused" && result.reason === `cancelled ${room.me.identity}`;
  useEffect(() => {
    if (wasCancelledHere) cell.set(null);
  }, [wasCancelledHere, cell]);

  if (last === null || wasCancelledHere) return null;
  const close = () => cell.set(null);
  if (result?.status === "refused") {
    const nameOf = (name: string) => {
      const author = person(results.find((each) => each.request === name)?.by || name);
      return author.isMe || author.id === "" || author.name === "Someone" ? null : author.name;
    };
    const limit = limitOf(result.reason, serverTime(now));
    const mayRetry = limit === null || limit.seconds === 0;
    const tryAgain = () => {
      // The question is in the field again, and leaves it again.
      if (last.isTyped && questionIn(room).get() === last.query) {
        questionIn(room).set("");
        attachmentsIn(room).set([]);
      }
      retry(last.query, last.after, last.isTyped, last.attached);
    };
    const retryAction = mayRetry ? { label: composerTexts.tryAgain, run: tryAgain } : null;
    if (limit !== null) return { tone: "problem", ...limitText(limit), action: retryAction, onClose: close };
    return { tone: "problem", text: refusalText(result.reason, nameOf), action: retryAction, onClose: close };
  }
  const isQueued = queue.some((each) => each.request === last.request);
  if (result !== undefined || isQueued || now - last.at < UNANSWERED_MS) return null;
  return {
    tone: "wait",
    text: online ? composerTexts.serverNotStartedRequestYet : composerTexts.connectionBrokeBeforeServer,
    action: { label: composerTexts.withdraw, run: () => withdraw(room, last, close) },
    onClose: null,
  };
}

/** Withdraws a request by a stop request: the server does not run it then. Only the server may clear the lock [AD6]. */
function withdraw(room: RoomSession, last: LastRequest, then: () => void): void {
  room.change(requestStop(last.request, room.authorship()));
  if (last.isTyped) giveAllBack(room, last);
  then();
}

/** Puts a question back into the field with its attachments, unless the person has written another one meanwhile. */
function giveAllBack(room: RoomSession, { query, attached }: LastRequest): void {
  if (questionIn(room).get().trim() !== "") return;
  giveBack(room, query);
  if (attachmentsIn(room).get().length === 0) attachmentsIn(room).set(attached);
}
