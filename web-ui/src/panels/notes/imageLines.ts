/** An image that a line of a note names. */
export type ImageLine = { readonly id: string; readonly alt: string };

const LINE = /^!\[([^\]\n]*)\]\(image:(z[1-9A-HJ-NP-Za-km-z]{32,44})\)[ \t]*$/gm;

/** The images that the lines of a note name, in order [IM3]. */
export function imageLines(text: string): readonly ImageLine[] {
  return [...text.matchAll(LINE)].map(([, alt = "", id = ""]) => ({ id, alt }));
}

/** The line of a note that shows an image. */
export const imageLine = (id: string, alt: string): string =>
  `![${alt.replace(/[\]\n\r]+/g, " ").trim()}](image:${id})`;
