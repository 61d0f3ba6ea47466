import type { Splice } from "../room/text/changes";

/**
 * The edit that changed a field's text from `before` to `after` and left the caret at `caret`. An edit ends at the
 * caret, which decides which of several equal letters is new.
 */
export function typedEdit(before: string, after: string, caret: number): Splice {
  const shorter = Math.min(before.length, after.length);
  // The text behind the caret existed before the edit, unless a program has set the field.
  const afterCaret = after.length - caret;
  let tail = afterCaret <= shorter && before.endsWith(after.slice(caret)) ? afterCaret : 0;
  let head = 0;
  while (head < shorter - tail && before[head] === after[head]) head++;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}
