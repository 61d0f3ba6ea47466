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
import { runningOf } from "../output/running";
import { showOwn } from "../output/shown";
import { usePersonOf } from "../shared/people";
import { useNow } from "../shared/useNow";
import type { Notice } from "./Composer";
import { askedQuery, limitWords, PATIENCE_MS, refusal, tooMany, whyNotGenerate } from "./state";

/** The last request of this page, until the page knows its end. */
type Asked = {
  readonly request: string;
  readonly query: string;
  readonly after: string;
  readonly at: number;
};

/** Asks for an answer. `after` is the request that this one follows up on; empty for a fresh start. */
export type Ask = (query: string, after?: string) => void;

const asked = new WeakMap<RoomSession, Cell<Asked | null>>();

function askedIn(room: RoomSession): Cell<Asked | null> {
  let cell = asked.get(room);
  if (cell === undefined) {
    cell = new Cell<Asked | null>(null);
    asked.set(room, cell);
  }
  return cell;
}

const same = <T>(value: T): T => value;

/** Whether the server can be asked now. The state pill shows the details. */
export const useServerReachable = (): boolean =>
  useSource(useRoom().socket.connection, (now) => now.state === "open");

/** The current generation of the room with its author's name, or null. */
export function useRunning() {
  const generation = useGeneration();
  const results = useResults();
  return useMemo(() => runningOf(generation, results), [generation, results]);
}

/** The reason why this query cannot be generated now, or null. */
export function useWhyNot(query: string): string | null {
  const room = useRoom();
  const online = useServerReachable();
  const running = useRunning();
  const person = usePersonOf();
  const holder = running === null ? null : person(running.by);
  return whyNotGenerate({
    role: room.role,
    online,
    running: holder === null ? null : { name: holder.name, mine: holder.isMe },
    query,
    queryMax: LIMITS.query,
  });
}

/** Asks for an answer or stops one. Both only write a request into the document; the server decides. */
export function useAsk(): { readonly ask: Ask; readonly stop: () => void } {
  const room = useRoom();
  const cards = useCards();
  const running = useRunning();
  const ask = useCallback(
    (query: string, after = "") => {
      const request = room.newId();
      const active = cards.filter((card) => card.removedBy === null).map((card) => card.id);
      room.change(
        requestGeneration({ ...room.by(), request, query: askedQuery(query), cards: active, after }),
      );
      askedIn(room).set({ request, query, after, at: Date.now() });
      showOwn(room, request);
    },
    [room, cards],
  );
  const request = running?.request ?? null;
  const stop = useCallback(() => {
    if (request !== null) room.change(requestStop(request, room.by()));
  }, [room, request]);
  return { ask, stop };
}

/** The outcome of this page's last request if it needs a sentence: it waits, or it was refused. */
export function useFate(retry: Ask): Notice | null {
  const room = useRoom();
  const cell = askedIn(room);
  const mine = useSource(cell, same);
  const results = useResults();
  const person = usePersonOf();
  const running = useRunning();
  const online = useServerReachable();
  const now = useNow(mine !== null, 1000);
  const result = mine === null ? undefined : results.find((each) => each.request === mine.request);

  useEffect(() => {
    if (result !== undefined && result.status !== "refused") cell.set(null);
  }, [result, cell]);

  if (mine === null) return null;
  const close = () => cell.set(null);
  if (result?.status === "refused") {
    const nameOf = (request: string) => {
      const other = results.find((each) => each.request === request);
      const author = other === undefined || other.by === "" ? null : person(other.by);
      return author === null || author.isMe ? null : author.name;
    };
    const limit = tooMany(result.reason, serverTime(now));
    const mayTry = running === null && (limit === null || limit.seconds === 0);
    const again = mayTry ? { label: "Try again", run: () => retry(mine.query, mine.after) } : null;
    if (limit !== null) return { tone: "problem", ...limitWords(limit), action: again, onClose: close };
    return { tone: "problem", text: refusal(result.reason, nameOf), action: again, onClose: close };
  }
  if (result !== undefined || now - mine.at < PATIENCE_MS) return null;
  return {
    tone: "wait",
    text: online
      ? "The server has not started on your request yet."
      : "The connection broke before the server took up your request. It decides when it is back.",
    action: { label: "Withdraw", run: () => withdraw(room, mine.request, close) },
    onClose: null,
  };
}

/** Only the server takes a request out of the lock [AD6]. A stop that it finds beside the request keeps it from the model. */
function withdraw(room: RoomSession, request: string, then: () => void): void {
  room.change(requestStop(request, room.by()));
  then();
}
