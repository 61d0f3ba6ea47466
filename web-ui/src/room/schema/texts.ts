import * as A from "@automerge/automerge/slim";
import type { RoomDoc } from "./document";
import { str } from "./scalars";

/*
 * Other clients may store a scalar, or nothing, where the page expects a collaborative text. The first edit replaces it
 * by a text. If two people do so while disconnected, there are two texts under one key, and the server merges the
 * hidden text into the visible text [RM10].
 */

type Node = Record<string, unknown>;

/**
 * Replaces a scalar or missing value at `path` by a collaborative text with all content. False if the owner is missing.
 */
export function makeText(doc: RoomDoc, path: readonly string[]): boolean {
  const key = path.at(-1);
  const owner = ownerOf(doc, path);
  if (owner === undefined || key === undefined) return false;
  if (typeof owner[key] !== "string") owner[key] = contentAt(owner, key);
  return true;
}

/** Sets the text at `path` to `text`. Only the difference is written, so that concurrent edits stay. */
export function writeText(doc: RoomDoc, path: readonly string[], text: string): void {
  const key = path.at(-1);
  const owner = ownerOf(doc, path);
  if (owner === undefined || key === undefined || str(owner[key]) === text) return;
  if (makeText(doc, path)) A.updateText(doc, [...path], text);
}

function ownerOf(doc: RoomDoc, path: readonly string[]): Node | undefined {
  let node: unknown = doc;
  for (const step of path.slice(0, -1)) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Node)[step];
  }
  return typeof node === "object" && node !== null ? (node as Node) : undefined;
}

/** The visible content of a field, preceded by the content of concurrent versions that it does not contain. */
function contentAt(owner: Node, key: string): string {
  const visible = str(owner[key]);
  const all = A.getConflicts(owner as A.Doc<unknown>, key) ?? {};
  const hidden = Object.values(all)
    .map((value) => str(value))
    .filter((content, index, contents) => !visible.includes(content) && contents.indexOf(content) === index);
  return [...hidden, visible].filter((content) => content !== "").join("\n");
}
