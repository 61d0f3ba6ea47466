import type { RoomDoc } from "../schema/document";
import { scalar, str } from "../schema/scalars";

/** The value of one field without Automerge types. A string is written as an Automerge scalar. */
export type Plain = string | number | boolean | null;

/** One field that a command set: its path, its old value and its new value. */
export interface FieldSet {
  readonly path: readonly string[];
  readonly from: Plain;
  readonly to: Plain;
}

/** The fields that a command set, recorded so that undo can restore them. */
export interface UndoStep {
  readonly label: string;
  readonly sets: readonly FieldSet[];
}

/**
 * One edit of the room: a function that runs inside `handle.change`. It returns the fields that it set. It returns
 * nothing if it changed nothing or if the edit has no undo step (chat, text). Times and ids come as arguments: commands
 * neither read a clock nor create ids.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a command without a return statement is meant to be a command
export type Command = (doc: RoomDoc) => UndoStep | undefined | void;

/** The author and the time of an edit. */
export interface Authorship {
  readonly by: string;
  readonly at: number;
}

type Node = Record<string, unknown>;

export function plain(value: unknown): Plain {
  if (typeof value === "number" || typeof value === "boolean") return value;
  return value === null || value === undefined ? null : str(value);
}

export function valueAt(doc: RoomDoc, path: readonly string[]): unknown {
  let node: unknown = doc;
  for (const key of path) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Node)[key];
  }
  return node;
}

/**
 * Sets one scalar field. Returns the change for undo, or undefined if the value is the same or the object that holds
 * the field is missing.
 */
export function setField(doc: RoomDoc, path: readonly string[], to: Plain): FieldSet | undefined {
  const owner = valueAt(doc, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof owner !== "object" || owner === null || key === undefined) return undefined;
  const from = plain((owner as Node)[key]);
  if (from === to) return undefined;
  (owner as Node)[key] = typeof to === "string" ? scalar(to) : to;
  return { path, from, to };
}

export function undoStep(label: string, sets: readonly (FieldSet | undefined)[]): UndoStep | undefined {
  const changes = sets.filter((set) => set !== undefined);
  return changes.length === 0 ? undefined : { label, sets: changes };
}

/**
 * A top-level part of the room, which only the server creates, is missing in this document. The page does not create
 * it: of two concurrent parts with one name, Automerge would hide one [RM1].
 */
export class RoomIncomplete extends Error {
  constructor(part: string) {
    super(`the room has no ${part}`);
  }
}

/** A top-level map of the document. Throws `RoomIncomplete` if it is missing. */
export function mapOf<K extends "cards" | "windows" | "notes">(doc: RoomDoc, key: K): RoomDoc[K] {
  if (typeof doc[key] !== "object" || doc[key] === null) throw new RoomIncomplete(key);
  return doc[key];
}
