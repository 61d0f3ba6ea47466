import { piecesOf } from "./links";

/** A part of a message. The text is shown as it is, without the signs of its style. */
export type Inline = {
  readonly style: "plain" | "bold" | "italic" | "strike" | "code" | "link" | "person";
  readonly text: string;
  /** The address of a link; only http and https. */
  readonly href?: string;
};

export type Block =
  | { readonly kind: "text" | "quote"; readonly parts: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string };

const FENCE = /^```[^`]*$/;
const QUOTE = /^> ?/;
const CODE = /(`+)([^`\n](?:.*?[^`])??)\1(?!`)/g;
/** Signs of a style stand at the border of a word, so `2*3*4` and `snake_case_name` stay as they are. */
const STYLED = /(?<![\p{L}\p{N}*_~])(\*\*|__|~~|\*|_)(?=\S)((?:(?!\1)[^\n])+?)(?<=\S)\1(?![\p{L}\p{N}*_~])/gu;

/**
 * Reads the little Markdown of chat messages: bold, italic, struck, code, quotes and addresses. All else, such as HTML,
 * stays plain text.
 */
export function blocksOf(text: string, names: readonly string[] = []): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (FENCE.test(line)) {
      const end = lines.findIndex((each, i) => i > at && each.trimEnd() === "```");
      if (end > at) {
        blocks.push({ kind: "code", text: lines.slice(at + 1, end).join("\n") });
        at = end + 1;
        continue;
      }
    }
    const isQuote = QUOTE.test(line);
    const start = at;
    at++;
    while (at < lines.length && QUOTE.test(lines[at] ?? "") === isQuote && !FENCE.test(lines[at] ?? "")) at++;
    const part = lines.slice(start, at).map((each) => (isQuote ? each.replace(QUOTE, "") : each));
    const words = part.join("\n");
    // Blank lines around a quote or a code block are its distance.
    const shown = lines.length > part.length && !isQuote ? words.replace(/^\n+|\n+$/g, "") : words;
    if (shown !== "" || isQuote)
      blocks.push({ kind: isQuote ? "quote" : "text", parts: inlinesOf(shown, names) });
  }
  return blocks;
}

function inlinesOf(text: string, names: readonly string[]): readonly Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const { 0: all, 2: code = "", index } of text.matchAll(CODE)) {
    parts.push(...withAddresses(text.slice(end, index), names), { style: "code", text: code });
    end = index + all.length;
  }
  parts.push(...withAddresses(text.slice(end), names));
  return parts;
}

function withAddresses(text: string, names: readonly string[]): readonly Inline[] {
  if (text === "") return [];
  return piecesOf(text).flatMap((piece): readonly Inline[] =>
    piece.href === null
      ? withPeople(piece.text, names)
      : [{ style: "link", text: piece.text, href: piece.href }],
  );
}

/** Marks `@` with the name of a person of the room. The longest name counts: `@Ann Lee` is not `@Ann`. */
function withPeople(text: string, names: readonly string[]): readonly Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const name = WORD_BEFORE.test(text.slice(Math.max(0, at - 2), at))
      ? undefined
      : nameAt(text, at + 1, names);
    if (name === undefined) continue;
    if (at > end) parts.push(...styled(text.slice(end, at)));
    end = at + 1 + name.length;
    parts.push({ style: "person", text: text.slice(at, end) });
    at = end - 1;
  }
  if (end < text.length) parts.push(...styled(text.slice(end)));
  return parts;
}

/** An address such as `a@b.example` names no person. */
const WORD_BEFORE = /[\p{L}\p{N}_.]$/u;
const WORD_AFTER = /^[\p{L}\p{N}_]/u;

function nameAt(text: string, at: number, names: readonly string[]): string | undefined {
  return names
    .filter((name) => name !== "" && text.slice(at, at + name.length).toLowerCase() === name.toLowerCase())
    .filter((name) => !WORD_AFTER.test(text.slice(at + name.length, at + name.length + 2)))
    .sort((a, b) => b.length - a.length)[0];
}

/** Whether a message names a person with `@`. */
export const namesPerson = (text: string, name: string): boolean =>
  text.includes("@") &&
  blocksOf(text, [name]).some(
    (block) => block.kind === "text" && block.parts.some(({ style }) => style === "person"),
  );

const STYLE: Readonly<Record<string, Inline["style"]>> = {
  "**": "bold",
  __: "bold",
  "~~": "strike",
  "*": "italic",
  _: "italic",
};

function styled(text: string): readonly Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const { 0: all, 1: sign = "", 2: words = "", index } of text.matchAll(STYLED)) {
    if (index > end) parts.push({ style: "plain", text: text.slice(end, index) });
    parts.push({ style: STYLE[sign] ?? "plain", text: words });
    end = index + all.length;
  }
  if (end < text.length) parts.push({ style: "plain", text: text.slice(end) });
  return parts;
}
