import type { Splice } from "../room/text/changes";

/**
 * The edit of a person that made `after` of `before` and left the caret at `caret`. The caret says which of several equal
 * letters is the new one: an edit ends at the caret.
 */
export function typed(before: string, after: string, caret: number): Splice {
  const shorter = Math.min(before.length, after.length);
  // What stands behind the caret was there before; if not, the field was set by a program.
  const behind = after.length - caret;
  let tail = behind <= shorter && before.endsWith(after.slice(caret)) ? behind : 0;
  let head = 0;
  while (head < shorter - tail && before[head] === after[head]) head++;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}
