import { memory } from "./memory";
import { PARTS, type Part } from "./schema/parts";
import { Cell } from "./store";

/*
 * The state of the optional parts in this page. A person can switch off a part on this device. A part that has thrown
 * an error is off in this page until the person tries it again.
 */
export type PartState = "on" | "off-for-all" | "off-here" | "failed";

/** The parts that the person switched off on this device. */
export const offHere = new Cell<ReadonlySet<Part>>(new Set(PARTS.filter((part) => !memory.flag(part, true))));
/** The parts that have thrown an error in this page. */
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

/** Switches off a part in this page after an error in it. The rest of the page keeps working. */
export function failHere(part: Part): void {
  failedHere.set(withPart(failedHere.get(), part, true));
}

export function retryPart(part: Part): void {
  failedHere.set(withPart(failedHere.get(), part, false));
}

/** Wraps a timer's or listener's function of a part: an error in it switches off the part instead of being thrown. */
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
