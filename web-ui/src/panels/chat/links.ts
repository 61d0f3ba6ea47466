/** A piece of a message: plain text, or an address with its text. */
export type Piece = { readonly text: string; readonly href: string | null };

const ADDRESS = /\bhttps?:\/\/[^\s<>"\u201c\u201d]+/gi;
/** Characters that end a sentence and not an address. */
const SENTENCE_END = /[.,;:!?'\u2019*_\u2026]$/;

/** Splits a message at the addresses in it. Only addresses with http or https become links. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = withoutSentence(found);
    if (!URL.canParse(address)) continue;
    if (index > end) pieces.push({ text: text.slice(end, index), href: null });
    pieces.push({ text: address, href: address });
    end = index + address.length;
  }
  if (end < text.length || pieces.length === 0) pieces.push({ text: text.slice(end), href: null });
  return pieces;
}

/** The address without the punctuation of the sentence around it; a closing bracket stays if the address opens it. */
function withoutSentence(address: string): string {
  let result = address;
  for (;;) {
    const last = result.at(-1) ?? "";
    const opens = last === ")" ? "(" : last === "]" ? "[" : null;
    const closesSentence =
      SENTENCE_END.test(result) || (opens !== null && count(result, last) > count(result, opens));
    if (!closesSentence) return result;
    result = result.slice(0, -1);
  }
}

const count = (text: string, character: string): number => text.split(character).length - 1;
