/** Where a caret at `at` in `before` belongs in `after`, when one stretch of the text was replaced by another. */
export function carriedCaret(before: string, after: string, at: number): number {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  if (at <= head) return at;
  if (at >= before.length - tail) return at + after.length - before.length;
  return after.length - tail;
}
