import type { Splice } from "../room/text/changes";

/**
 * A person's edit that changed `before` into `after` and left the caret at `caret`. The caret shows which of several
 * equal letters is new: an edit ends at the caret.
 */
export function typedEdit(before: string, after: string, caret: number): Splice {
  const shorter = Math.min(before.length, after.length);
  // The text after the caret existed before the edit. If not, a program set the field.
  const afterCaret = after.length - caret;
  let tail = afterCaret <= shorter && before.endsWith(after.slice(caret)) ? afterCaret : 0;
  let head = 0;
  while (head < shorter - tail && before[head] === after[head]) head++;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}
