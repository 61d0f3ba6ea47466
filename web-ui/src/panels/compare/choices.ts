import type { Result } from "../../room/schema/read";
import type { AnswerTree } from "../output/thread";

/** The answers that can stand on one side while an answer stands on the other, oldest first. */
export type Choices = {
  /** The other answers of the same branch. */
  readonly versions: readonly Result[];
  readonly others: readonly Result[];
};

/** Whether an answer can be compared: it has ended and has words. */
export const isComparable = ({ status, text }: Result): boolean =>
  status !== "running" && status !== "refused" && text.trim() !== "";

/** All answers that can be compared with `request`. */
export function choicesOf(tree: AnswerTree, request: string): Choices {
  const parent = tree.parentOf(request);
  const versions: Result[] = [];
  const others: Result[] = [];
  for (const each of tree.answers) {
    if (each.request === request || !isComparable(each)) continue;
    (tree.parentOf(each.request) === parent ? versions : others).push(each);
  }
  return { versions, others };
}

/** The answer with which the comparison of `request` begins, or null if the room has no other. */
export function partnerOf(tree: AnswerTree, request: string): string | null {
  const order = new Map(tree.answers.map((each, at) => [each.request, at]));
  const at = order.get(request) ?? 0;
  const nearest = (list: readonly Result[]): string | undefined =>
    (list.findLast((each) => (order.get(each.request) ?? 0) < at) ?? list[0])?.request;
  const { versions, others } = choicesOf(tree, request);
  return nearest(versions) ?? nearest(others) ?? null;
}
