import { LIMITS } from "../../room/schema/document";
import { appTexts } from "../../texts";
import type { AppSource, SourceFile } from "./blocks";
import { allFiles, endingOf } from "./files";
import type { BuildProblem } from "./program";
import type { Version } from "./sources";

/** After this many fixes with an error in a row, the window offers an earlier version first. */
export const FAILED_FIXES = 2;
/** The lines around the error that are sent when the whole file is too long for one question. */
const LINES_AROUND = 60;

type Fault = Pick<BuildProblem, "message" | "line"> & { readonly stack: string; readonly file?: string };

/**
 * The question that asks the model to fix an error: the error, the file that has it, and the other files if they fit.
 * If the file alone is too long for one question, the part around the error is sent.
 */
export function fixQuestion(source: AppSource, { message, line, stack, file = "" }: Fault): string {
  const all = allFiles(source);
  const wrong = all.find((each) => each.name === file) ?? source;
  const others = all.filter(({ name }) => name !== wrong.name);
  const place = line === null ? wrong.name : appTexts.line2(wrong.name, line);
  const frames = stack
    .split("\n")
    .filter((each) => all.some(({ name }) => each.includes(name)))
    .slice(0, 5)
    .map((each) => each.trim());
  const task =
    others.length === 0
      ? appTexts.fixErrorAnswerCompleteFile(wrong.name)
      : appTexts.fixErrorAnswerEachChanged(wrong.name);
  const head = [
    task,
    [appTexts.error(message.slice(0, 1_000)), appTexts.place(place), ...frames].join("\n"),
  ].join("\n\n");
  const whole = [head, ...(others.length === 0 ? [blockOf(wrong)] : [wrong, ...others].map(named))].join(
    "\n\n",
  );
  if (whole.length <= LIMITS.query) return whole;
  const alone = `${head}\n\n${blockOf(wrong)}`;
  if (alone.length <= LIMITS.query) return alone;
  const lines = wrong.code.split("\n");
  const at = line ?? 1;
  const from = Math.max(0, at - LINES_AROUND);
  const part = lines.slice(from, at + LINES_AROUND).join("\n");
  const partial = `${head}\n\nLines ${from + 1} to ${Math.min(lines.length, at + LINES_AROUND)}:\n\n${blockOf({ name: wrong.name, code: part })}`;
  return partial.length <= LIMITS.query ? partial : head;
}

const named = (file: SourceFile): string => `${file.name}\n${blockOf(file)}`;

function blockOf({ name, code }: SourceFile): string {
  const fence = fenceFor(code);
  return `${fence}${endingOf(name)}\n${code}\n${fence}`;
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
