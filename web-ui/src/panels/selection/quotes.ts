/** A text as a Markdown quote. */
export function quoted(text: string): string {
  return text
    .trim()
    .split(/\r\n|\r|\n/)
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
}

/** A message that is being written, with a quote behind its words, ready for the next line. */
export function withQuote(draft: string, text: string): string {
  const before = draft.trimEnd();
  return `${before === "" ? "" : `${before}\n\n`}${quoted(text)}\n\n`;
}

/** The text to append to a note for a pinned quote. `source` says where the quote is from. */
export function pinned(note: string, text: string, source: string): string {
  const gap = note === "" ? "" : note.endsWith("\n\n") ? "" : note.endsWith("\n") ? "\n" : "\n\n";
  return `${gap}${quoted(text)}\n— ${source}\n`;
}
