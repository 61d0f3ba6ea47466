import { Chunk } from "@codemirror/merge";
import { Text } from "@codemirror/state";

/** A part of a changed text: equal on both sides, or only on this side. */
export type Piece = { readonly text: string; readonly isChanged: boolean };

/** Lines that are equal on both sides, or lines of which at least one side has a different version. */
export type Row =
  | { readonly kind: "same"; readonly lines: readonly string[] }
  | {
      readonly kind: "changed";
      readonly left: readonly Piece[];
      readonly right: readonly Piece[];
      /** Whether so little is equal that marks of single words would not help. */
      readonly isRewritten: boolean;
    };

/** Below this share of equal letters, changed lines count as rewritten. */
const EQUAL_SHARE_MIN = 0.3;

/** Above this many changed characters in a place, the comparison is less exact, so that it stays fast. */
const LIMITS = { scanLimit: 1_000 };

/** The rows of a comparison, from the first line to the last. Words that differ are marked inside changed lines. */
export function rowsOf(left: string, right: string): readonly Row[] {
  const a = Text.of(left.split(/\r\n?|\n/));
  const b = Text.of(right.split(/\r\n?|\n/));
  const rows: Row[] = [];
  let at = 0;
  const addSame = (to: number): void => {
    if (at < to) rows.push({ kind: "same", lines: a.sliceString(at, to).split("\n") });
  };
  for (const chunk of Chunk.build(a, b, LIMITS)) {
    // A chunk begins at the start of a line. The break before it belongs to neither row.
    addSame(chunk.fromA - 1);
    const leftText = a.sliceString(chunk.fromA, Math.max(chunk.fromA, chunk.toA - 1));
    const rightText = b.sliceString(chunk.fromB, Math.max(chunk.fromB, chunk.toB - 1));
    const leftPieces = piecesOf(
      leftText,
      chunk.changes.map(({ fromA, toA }) => [fromA, toA]),
    );
    const rightPieces = piecesOf(
      rightText,
      chunk.changes.map(({ fromB, toB }) => [fromB, toB]),
    );
    const isRewritten =
      leftText !== "" &&
      rightText !== "" &&
      equalUnits(leftPieces) < EQUAL_SHARE_MIN * Math.max(leftText.length, rightText.length);
    rows.push({ kind: "changed", left: leftPieces, right: rightPieces, isRewritten });
    at = chunk.toA;
  }
  addSame(a.length);
  return rows;
}

const equalUnits = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { text, isChanged }) => (isChanged ? sum : sum + text.length), 0);

/** A text cut at the bounds of its changed ranges, which are in order. The pieces join to exactly the text. */
function piecesOf(text: string, ranges: readonly (readonly [from: number, to: number])[]): readonly Piece[] {
  const pieces: Piece[] = [];
  const add = (from: number, to: number, isChanged: boolean): void => {
    if (from < to) pieces.push({ text: text.slice(from, to), isChanged });
  };
  let at = 0;
  for (const [from, to] of ranges) {
    // A change may include the break after the last line, which the text does not have.
    add(at, Math.min(from, text.length), false);
    add(Math.max(at, from), Math.min(to, text.length), true);
    at = Math.max(at, Math.min(to, text.length));
  }
  add(at, text.length, false);
  return pieces;
}

/** The number of places that differ. */
export const changedPlaces = (rows: readonly Row[]): number =>
  rows.filter(({ kind }) => kind === "changed").length;

/** The number of words, of any language whose words have spaces between them. */
export const wordCount = (text: string): number => text.split(/\s+/u).filter((word) => word !== "").length;
