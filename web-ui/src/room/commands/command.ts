import type { RoomDoc } from "../schema/document";
import { scalar, str } from "../schema/scalars";

/** A plain value of one field. Strings are written as scalars. */
export type Plain = string | number | boolean | null;

/** One field that a command set: its place, its old value and its new value. */
export interface FieldSet {
  readonly path: readonly string[];
  readonly from: Plain;
  readonly to: Plain;
}

/** The effect of a command, in the form that undo needs. */
export interface UndoStep {
  readonly label: string;
  readonly sets: readonly FieldSet[];
}

/**
 * One edit of the room: a function used inside `handle.change`. It returns the fields that it set. It returns nothing
 * if it changed nothing or if the edit cannot be undone (chat, text). Commands neither read a clock nor make ids
 * themselves.
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
 * Sets one scalar field if the value differs. Returns the step for undo, or undefined if the field's owner is missing.
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
 * A part that the server creates is missing here. No other peer creates it: of two parts with one name, one would be
 * hidden [RM1].
 */
export class RoomIncomplete extends Error {
  constructor(part: string) {
    super(`the room has no ${part}`);
  }
}

/** The map at the top of the document. */
export function mapOf<K extends "cards" | "windows" | "notes">(doc: RoomDoc, key: K): RoomDoc[K] {
  if (typeof doc[key] !== "object" || doc[key] === null) throw new RoomIncomplete(key);
  return doc[key];
}
