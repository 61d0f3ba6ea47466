import type { Element, ElementContent } from "hast";

const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const LETTER = /\p{L}/u;

/** The direction of a text by its first letter; undefined if it has no letter. */
export function directionOfText(text: string): "ltr" | "rtl" | undefined {
  const letter = LETTER.exec(text)?.[0];
  return letter === undefined ? undefined : RTL.test(letter) ? "rtl" : "ltr";
}

/** The direction of the first letter in an element, with the elements in it. */
export function directionOf(node: Element | undefined): "ltr" | "rtl" | undefined {
  for (const child of node?.children ?? []) {
    const found =
      child.type === "text"
        ? directionOfText(child.value)
        : child.type === "element"
          ? directionOf(child)
          : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const LONG_WORD = /\S{32}/;

/** Whether an element contains a word that is too long for a column of a table, such as an address. */
export const hasLongWord = (node: Element | undefined): boolean => node?.children.some(isLong) ?? false;

const isLong = (child: ElementContent): boolean =>
  child.type === "text" ? LONG_WORD.test(child.value) : child.type === "element" && hasLongWord(child);
