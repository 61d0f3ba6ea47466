import * as A from "@automerge/automerge/slim";
import { valueAt } from "./commands/command";
import type { Comment } from "./schema/discussion";
import type { RoomDoc } from "./schema/document";
import { str } from "./schema/scalars";

/** A range of a text in UTF-16 units. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** The path of the shared text that a target names, or null for an answer and an unknown target. */
export function textPathOf(target: string): readonly string[] | null {
  const at = target.indexOf(":");
  const id = target.slice(at + 1);
  if (at < 0 || id === "") return null;
  const kind = target.slice(0, at);
  if (kind === "note") return ["notes", id, "text"];
  return kind === "card" ? ["cards", id, "text"] : null;
}

/**
 * Cursors of the first and the last character of a range. A cursor stays with its character, whatever people insert or
 * remove around it. A text that is still a scalar has no cursors; then both are empty.
 */
export function cursorsOf(
  doc: A.Doc<RoomDoc>,
  path: readonly string[],
  { from, to }: TextRange,
): { readonly start: string; readonly end: string } {
  if (typeof valueAt(doc, path) !== "string" || to <= from) return { start: "", end: "" };
  return {
    start: A.getCursor(doc, [...path], from, "after"),
    end: A.getCursor(doc, [...path], to - 1, "before"),
  };
}

/** The present place of a comment in a note or card; null if its text was removed [CM2] [CM3]. */
export function placeInText(
  doc: A.Doc<RoomDoc>,
  path: readonly string[],
  { start, end, quoted }: Pick<Comment, "start" | "end" | "quoted">,
): TextRange | null {
  const text = str(valueAt(doc, path));
  const first = positionOf(doc, path, start);
  const last = positionOf(doc, path, end);
  if (first === null || last === null) return occurrence(text, quoted, 0, text.length);
  if (first <= last && !isGoneAtStart(doc, path, last, end)) return { from: first, to: last + 1 };
  // All characters were removed. Undo brings them back as new characters at the same place.
  return occurrence(text, quoted, Math.max(0, last + 1 - quoted.length), first + quoted.length);
}

/**
 * Whether the last character was removed, with all characters before it in the text. Automerge then gives position 0,
 * as for a character that is there.
 */
function isGoneAtStart(doc: A.Doc<RoomDoc>, path: readonly string[], last: number, end: string): boolean {
  if (last > 0 || positionOf(doc, path, end.replace(/^-/, "")) !== 0) return false;
  return str(valueAt(doc, path)) === "" || A.getCursor(doc, [...path], 0, "before") !== end;
}

/** The first occurrence that lies between two positions. */
function occurrence(text: string, quoted: string, from: number, to: number): TextRange | null {
  if (quoted === "") return null;
  const at = text.indexOf(quoted, from);
  return at >= 0 && at + quoted.length <= to ? { from: at, to: at + quoted.length } : null;
}

/** The position of a cursor; null if it belongs to another text, for example of the room that was imported. */
function positionOf(doc: A.Doc<RoomDoc>, path: readonly string[], cursor: string): number | null {
  if (cursor === "" || typeof valueAt(doc, path) !== "string") return null;
  try {
    return A.getCursorPosition(doc, [...path], cursor as A.Cursor);
  } catch {
    return null;
  }
}

/** The occurrence of a comment's text that is nearest to its offset, in the text of an answer; null if there is none. */
export function placeInAnswer(
  text: string,
  { start, quoted }: Pick<Comment, "start" | "quoted">,
): TextRange | null {
  if (quoted === "") return null;
  const wanted = Number.parseInt(start, 10) || 0;
  const before = text.lastIndexOf(quoted, wanted);
  const after = text.indexOf(quoted, wanted);
  const at = before < 0 || (after >= 0 && after - wanted < wanted - before) ? after : before;
  return at < 0 ? null : { from: at, to: at + quoted.length };
}
