import * as A from "@automerge/automerge/slim";
import type { RoomDoc } from "./document";
import { str } from "./scalars";

/*
 * Other clients may leave a scalar or nothing in the place of a collaborative text. The first edit makes the text. Two
 * people who do so while disconnected make two texts under one key; the server merges the hidden text into the visible
 * one [RM10].
 */

type Node = Record<string, unknown>;

/** Makes the place a collaborative text with its current content; no concurrent version is dropped. */
export function makeText(doc: RoomDoc, path: readonly string[]): boolean {
  const key = path.at(-1);
  const owner = ownerOf(doc, path);
  if (owner === undefined || key === undefined) return false;
  if (typeof owner[key] !== "string") owner[key] = contentAt(owner, key);
  return true;
}

/** Makes the place hold `text`. A collaborative text changes by the difference, so that others' edits stay. */
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

/** The current content of the place. Content of concurrent versions that this value lacks comes first. */
function contentAt(owner: Node, key: string): string {
  const visible = str(owner[key]);
  const all = A.getConflicts(owner as A.Doc<unknown>, key) ?? {};
  const hidden = Object.values(all)
    .map((value) => str(value))
    .filter((words, at, every) => !visible.includes(words) && every.indexOf(words) === at);
  return [...hidden, visible].filter((words) => words !== "").join("\n");
}
