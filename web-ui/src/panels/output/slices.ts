/** A slice ends at the first possible place above this size, in UTF-16 units. */
export const SLICE_UNITS = 4_000;

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const LIST_ITEM = /^(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const FOOTNOTE = /^\[\^[^\]]+\]:/m;
const INDENTED = /^(?: |\t)/;

/**
 * Splits a long answer into slices that can be rendered one by one. The slices join to exactly the text. A slice ends
 * only where Markdown begins something new: at a blank line before a line without indentation, or before an item of a
 * list that is not indented. It never ends inside of a code block. A text with footnotes stays whole, since a footnote
 * may stand in another slice than its mark.
 *
 * While text is appended, all slices but the last two stay as they are, so that they are not rendered again.
 */
export function slicesOf(text: string, sliceUnits = SLICE_UNITS): readonly string[] {
  if (text.length <= sliceUnits || FOOTNOTE.test(text)) return [text];
  const slices: string[] = [];
  let start = 0;
  let lineStart = 0;
  let fence: string | null = null;
  let afterBlank = false;
  while (lineStart < text.length) {
    const lineBreak = text.indexOf("\n", lineStart);
    const next = lineBreak < 0 ? text.length : lineBreak + 1;
    const line = text.slice(lineStart, next).replace(/\r?\n$/, "");
    const mayCut = fence === null && (LIST_ITEM.test(line) || (afterBlank && !INDENTED.test(line)));
    if (mayCut && line !== "" && lineStart - start >= sliceUnits) {
      slices.push(text.slice(start, lineStart));
      start = lineStart;
    }
    fence = fenceAfter(fence, line);
    afterBlank = line.trim() === "";
    lineStart = next;
  }
  slices.push(text.slice(start));
  return slices;
}

/** A text with its slices. */
export type Sliced = { readonly text: string; readonly slices: readonly string[] };

/**
 * The slices of a text that begins with the text before. Only the last slices are split anew, so that a long answer costs
 * the same for each piece that arrives. The result equals the result of `slicesOf`.
 */
export function sliceMore(before: Sliced, text: string, sliceUnits = SLICE_UNITS): Sliced {
  const kept = before.slices.slice(0, -2);
  if (kept.length === 0 || !text.startsWith(before.text)) return { text, slices: slicesOf(text, sliceUnits) };
  const keptUnits = kept.reduce((sum, slice) => sum + slice.length, 0);
  const rest = text.slice(keptUnits);
  if (FOOTNOTE.test(rest)) return { text, slices: [text] };
  return { text, slices: [...kept, ...slicesOf(rest, sliceUnits)] };
}

/** The opening fence of the code block that is open after a line, or null. */
function fenceAfter(open: string | null, line: string): string | null {
  const found = FENCE.exec(open === null ? line : line.trimStart());
  if (found === null) return open;
  const [, marks = "", rest = ""] = found;
  if (open === null) return marks.startsWith("`") && rest.includes("`") ? null : marks;
  const closes = marks[0] === open[0] && marks.length >= open.length && rest.trim() === "";
  return closes ? null : open;
}
