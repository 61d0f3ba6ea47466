import { type RoomSession, useRoom, useSource } from "../../room";
import { readResults } from "../../room/schema/read";
import { Cell } from "../../room/store";
import { threadOf } from "../output/answerSelection";
import { perRoom } from "../shared/perRoom";
import { partnerOf } from "./choices";

/** The requests of the two compared answers. */
export type Comparison = { readonly left: string; readonly right: string };

const comparisons = perRoom(() => new Cell<Comparison | null>(null));

/** The open comparison, or null while it is closed. Only this person sees it. */
export const comparisonIn = (room: RoomSession): Cell<Comparison | null> => comparisons(room);
export const useComparison = (): Comparison | null => useSource(comparisonIn(useRoom()), selectAll);

const selectAll = <T>(value: T): T => value;

/**
 * Opens the comparison of an answer with its nearest version or neighbour; the older one stands at the left. Returns
 * false if the room has no other answer with words.
 */
export function compareAnswer(room: RoomSession, request: string): boolean {
  const { tree } = threadOf(readResults(room.doc.get()), null);
  const partner = partnerOf(tree, request);
  if (partner === null) return false;
  const order = tree.answers.map((each) => each.request);
  const isOlder = order.indexOf(partner) < order.indexOf(request);
  comparisonIn(room).set(isOlder ? { left: partner, right: request } : { left: request, right: partner });
  return true;
}
