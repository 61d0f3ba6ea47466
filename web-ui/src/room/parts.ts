import { memory } from "./memory";
import { Cell } from "./store";

/*
 * Parts that a room works without. A host switches each off for everybody (a field of `settings`), each person for
 * themselves on this device, and a part that runs into an error is off in this browser until it is tried again.
 */
export const PARTS = ["cursors", "carets", "typing", "patterns"] as const;
export type Part = (typeof PARTS)[number];

export type PartState = "on" | "off-for-all" | "off-here" | "failed";

/** Which parts a room has on. Absent means on; anything but a plain yes is a no. */
export function readParts(settings: Readonly<Record<string, unknown>>): Readonly<Record<Part, boolean>> {
  const on = (part: Part): boolean => (settings[part] ?? true) === true;
  return { cursors: on("cursors"), carets: on("carets"), typing: on("typing"), patterns: on("patterns") };
}

/** Switched off by this person, and remembered on this device. */
export const offHere = new Cell<ReadonlySet<Part>>(new Set(PARTS.filter((part) => !memory.flag(part, true))));
export const failedHere = new Cell<ReadonlySet<Part>>(new Set());

export function stateOf(
  part: Part,
  forAll: Readonly<Record<Part, boolean>>,
  off: ReadonlySet<Part> = offHere.get(),
  failed: ReadonlySet<Part> = failedHere.get(),
): PartState {
  if (!forAll[part]) return "off-for-all";
  if (off.has(part)) return "off-here";
  return failed.has(part) ? "failed" : "on";
}

export function switchHere(part: Part, on: boolean): void {
  memory.setFlag(part, on);
  offHere.set(changed(offHere.get(), part, !on));
}

/** The part has thrown: from now on it is off in this page, and the rest goes on. */
export function failHere(part: Part): void {
  failedHere.set(changed(failedHere.get(), part, true));
}

export function tryAgain(part: Part): void {
  failedHere.set(changed(failedHere.get(), part, false));
}

/** The same function, for timers and listeners of a part: whatever it throws ends the part and nothing else. */
export function guarded<A extends readonly unknown[]>(
  part: Part,
  run: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      // biome-ignore lint/suspicious/noConsole: whoever looks into it needs the stack
      console.warn(`Parlor: ${part} stopped`, error);
      failHere(part);
    }
  };
}

function changed(set: ReadonlySet<Part>, part: Part, inside: boolean): ReadonlySet<Part> {
  if (set.has(part) === inside) return set;
  const next = new Set(set);
  if (inside) next.add(part);
  else next.delete(part);
  return next;
}
