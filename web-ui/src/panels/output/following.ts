import type { Result } from "../../room/schema/read";
import type { Chosen } from "./answerSelection";

type Reading = {
  readonly chosen: Chosen | null;
  /** The last answer of the shown conversation. */
  readonly end: Result | null;
  /** The newest answer of the room. */
  readonly newest: Result | null;
};

/**
 * The choice of a reader who is at the end of the shown conversation. Without a choice the page shows the newest answer.
 *
 * - While the shown answer is written, the page stays with it, also if another answer begins elsewhere.
 * - After that the page follows the next answer, but only if that one began later.
 * - A conversation that the reader has picked is shown until it ends with the newest answer.
 */
export function choiceAtEnd({ chosen, end, newest }: Reading): Chosen | null {
  if (end === null || newest === null) return chosen;
  const isNewest = end.request === newest.request;
  if (end.status === "running") {
    if (chosen === null) return { request: end.request, newest: newest.request, isHeld: true };
    return isNewest && chosen.newest !== newest.request ? { ...chosen, newest: newest.request } : chosen;
  }
  if (chosen === null || isNewest) return null;
  const mayFollow = chosen.isHeld === true || chosen.isOwn === true;
  return mayFollow && newest.startedAt >= (end.endedAt ?? Number.POSITIVE_INFINITY) ? null : chosen;
}
