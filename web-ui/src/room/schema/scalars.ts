import { ImmutableString } from "@automerge/automerge/slim";

/** A string that Automerge stores as one value, without merging concurrent edits. */
export function scalar(text: string): ImmutableString {
  return new ImmutableString(text);
}

/** The string of a collaborative text or a scalar string; `fallback` for any other value. */
export function str(value: unknown, fallback = ""): string {
  if (typeof value === "string") return value;
  if (value instanceof ImmutableString) return value.val;
  return fallback;
}

/** The string of a value, truncated to its limit. */
export function truncated(value: unknown, lengthMax: number): string {
  return beginning(str(value), lengthMax);
}

/** The first `lengthMax` UTF-16 units of a text, or one unit less if the last would be half of a surrogate pair. */
export function beginning(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const last = text.charCodeAt(lengthMax - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? lengthMax - 1 : lengthMax);
}

/** The beginning of a text, with an ellipsis if the text is longer. */
export function shortened(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${beginning(text, lengthMax)}…` : text;
}

export function strOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : str(value);
}

/** The integer of a number, a bigint or a Date (an Automerge timestamp); `fallback` for any other value. */
export function int(value: unknown, fallback = 0): number {
  if (typeof value === "number" && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.getTime();
  return fallback;
}

export function intOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : int(value);
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  const text = str(value);
  return (allowed as readonly string[]).includes(text) ? (text as T) : fallback;
}

/** Reads "120,80" or "480x320" as two integers; `fallback` for any other value. */
export function pair(
  value: unknown,
  separator: "," | "x",
  fallback: readonly [number, number],
): [number, number] {
  const parts = str(value)
    .split(separator)
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [a, b] = parts;
  if (
    parts.length !== 2 ||
    a === undefined ||
    b === undefined ||
    !Number.isFinite(a) ||
    !Number.isFinite(b)
  ) {
    return [...fallback];
  }
  return [Math.round(a), Math.round(b)];
}
