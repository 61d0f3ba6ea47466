import { memory } from "./memory";
import { PARTS, type Part } from "./schema/parts";
import { Cell } from "./store";

/*
 * Optional parts that a person switches off on this device. A part that runs into an error is off in this browser until
 * it is tried again.
 */
export type PartState = "on" | "off-for-all" | "off-here" | "failed";

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
  offHere.set(withPart(offHere.get(), part, !on));
}

/** Switches off a part after an error in it, for this page. The rest of the page keeps working. */
export function failHere(part: Part): void {
  failedHere.set(withPart(failedHere.get(), part, true));
}

export function retryPart(part: Part): void {
  failedHere.set(withPart(failedHere.get(), part, false));
}

/** The same function, for timers and listeners of a part: an error in it ends the part and nothing else. */
export function guarded<A extends readonly unknown[]>(
  part: Part,
  run: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      // biome-ignore lint/suspicious/noConsole: a developer who investigates needs the stack
      console.warn(`Parlor: ${part} stopped`, error);
      failHere(part);
    }
  };
}

function withPart(set: ReadonlySet<Part>, part: Part, included: boolean): ReadonlySet<Part> {
  if (set.has(part) === included) return set;
  const next = new Set(set);
  if (included) next.add(part);
  else next.delete(part);
  return next;
}
