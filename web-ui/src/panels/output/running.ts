import type { Generation, Result } from "../../room/schema/read";

/** The current generation of the room: requested by a person, or already granted by the server. */
export type Running = {
  readonly request: string;
  readonly by: string;
  readonly cards: number;
  readonly startedAt: number;
  readonly granted: boolean;
  readonly stopping: boolean;
};

/**
 * The current generation, derived from the document. The lock is a person's request. The grant and the running result
 * are written by the server. The lock of a request that has already ended is ignored.
 */
export function runningOf(generation: Generation, results: readonly Result[]): Running | null {
  const { lock, grant, stop } = generation;
  const request = grant?.request ?? lock?.request;
  if (request === undefined) return null;
  const result = results.find((each) => each.request === request);
  if (result !== undefined && result.status !== "running") return null;
  const matchingLock = lock?.request === request ? lock : null;
  return {
    request,
    by: result?.by || matchingLock?.by || "",
    cards: result?.cards.length ?? matchingLock?.cards.length ?? 0,
    startedAt: result?.startedAt || grant?.at || matchingLock?.at || 0,
    granted: grant !== null,
    stopping: stop?.request === request,
  };
}
