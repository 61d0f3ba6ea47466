import { LIMITS } from "../../room/schema/document";
import type { AppSource } from "./blocks";
import type { BuildProblem } from "./program";
import type { Version } from "./sources";

/** After this many fixes with an error in a row, the window offers an earlier version first. */
export const FAILED_FIXES = 2;
/** The lines around the error that are sent when the whole file is too long for one question. */
const LINES_AROUND = 60;

type Fault = Pick<BuildProblem, "message" | "line"> & { readonly stack: string };

/** The question that asks the model to fix an error: the error, and the file or the part around the error. */
export function fixQuestion({ name, language, code }: AppSource, { message, line, stack }: Fault): string {
  const place = line === null ? name : `${name}, line ${line}`;
  const frames = stack
    .split("\n")
    .filter((each) => each.includes(name))
    .slice(0, 5)
    .map((each) => each.trim());
  const head = [
    `Fix this error in ${name}. Answer with the complete file in one code block.`,
    [`Error: ${message.slice(0, 1_000)}`, `Place: ${place}`, ...frames].join("\n"),
  ].join("\n\n");
  const fence = fenceFor(code);
  const block = (part: string) => `${fence}${language}\n${part}\n${fence}`;
  const whole = `${head}\n\n${block(code)}`;
  if (whole.length <= LIMITS.query) return whole;
  const lines = code.split("\n");
  const at = line ?? 1;
  const from = Math.max(0, at - LINES_AROUND);
  const part = lines.slice(from, at + LINES_AROUND).join("\n");
  const partial = `${head}\n\nLines ${from + 1} to ${Math.min(lines.length, at + LINES_AROUND)}:\n\n${block(part)}`;
  return partial.length <= LIMITS.query ? partial : head;
}

/** A fence that is longer than every fence in the code. */
function fenceFor(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  return "`".repeat(longest + 1);
}

export interface Offer {
  /** The version to go back to, or null. */
  readonly back: Version | null;
  /** Whether going back is offered before another fix. */
  readonly backFirst: boolean;
}

/**
 * What the window offers for an error of the shown version. `failed` has the references of the versions that had an
 * error in this page. Going back leads to the last earlier version without an error. If all had an error, it leads to
 * the version before the fixes.
 */
export function offerFor(versions: readonly Version[], shown: Version, failed: ReadonlySet<string>): Offer {
  const before = versions.filter((version) => version.number < shown.number);
  let failedFixes = 0;
  for (const version of versions.slice(0, shown.number).reverse()) {
    if (!version.fix || !failed.has(version.ref)) break;
    failedFixes++;
  }
  const beforeFixes = before[shown.number - failedFixes - 1] ?? before.at(-1);
  const back = before.findLast((version) => !failed.has(version.ref)) ?? beforeFixes ?? null;
  return { back, backFirst: back !== null && failedFixes >= FAILED_FIXES };
}
