import type { Generation, Queued, Result } from "../../room/schema/read";
import { composerTexts } from "../../texts";

/** A request that has no run yet, as the queue shows it. */
export type Waiting = {
  readonly request: string;
  readonly by: string;
  readonly query: string;
  /** `sending` until the server has taken the request; `old` until its author confirms it. */
  readonly state: "sending" | Queued["state"];
  /** The place among the waiting requests, from 1; null for a request that is not in line. */
  readonly place: number | null;
  readonly mayCancel: boolean;
  /** The request before which a step up or down places this one (null: the end); undefined if the step is not allowed. */
  readonly up: string | undefined;
  readonly down: string | null | undefined;
};

export type Viewer = { readonly identity: string; readonly isHost: boolean; readonly canEdit: boolean };

/** The requests without a run in their order, with what this person may do with each [GE12]. */
export function waitingOf(
  { lock, queue = [], grants = [] }: Generation,
  results: readonly Result[],
  viewer: Viewer,
): readonly Waiting[] {
  const known = new Set([
    ...queue.map(({ request }) => request),
    ...grants.map(({ request }) => request),
    ...results.map(({ request }) => request),
  ]);
  let place = 0;
  const waiting = queue.map((entry, index): Waiting => {
    const isOwn = entry.by === viewer.identity;
    const may = viewer.canEdit && (isOwn || viewer.isHost);
    const before = queue[index - 1];
    const isInLine = entry.state === "waiting";
    // A step up makes the request above wait longer. Only a host may do that to another person.
    const mayRise = may && isInLine && (viewer.isHost || before?.by === viewer.identity);
    return {
      request: entry.request,
      by: entry.by,
      query: entry.query,
      state: entry.state,
      place: isInLine ? ++place : null,
      mayCancel: may,
      up: mayRise ? before?.request : undefined,
      down: may && isInLine && index < queue.length - 1 ? (queue[index + 2]?.request ?? null) : undefined,
    };
  });
  if (lock === null || known.has(lock.request)) return waiting;
  const sending: Waiting = {
    request: lock.request,
    by: lock.by,
    query: lock.query,
    state: "sending",
    place: null,
    mayCancel: false,
    up: undefined,
    down: undefined,
  };
  return [...waiting, sending];
}

/** The words for a place in the queue. */
export function placeText(place: number): string {
  const words = [
    composerTexts.next,
    composerTexts.second,
    composerTexts.third,
    composerTexts.fourth,
    composerTexts.fifth,
  ];
  return words[place - 1] ?? composerTexts.number(place);
}

/** The seconds until a paused queue resumes, or null if it is not paused. */
export function pausedSeconds({ paused, queue = [] }: Generation, serverNow: number): number | null {
  if (paused == null || !queue.some(({ state }) => state === "waiting")) return null;
  const seconds = Math.ceil((paused.until - serverNow) / 1000);
  // A pause lasts a minute. The maximum prevents a countdown of hours if a clock is wrong.
  return seconds <= 0 ? null : Math.min(60, seconds);
}
