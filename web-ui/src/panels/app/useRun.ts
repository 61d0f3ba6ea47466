import { useCallback, useEffect, useRef, useState } from "react";
import type { FromFrame, Program } from "../../run/messages";
import { appTexts } from "../../texts";
import { type AppLog, EMPTY_LOG, logged, type Problem } from "./appLog";
import type { AppSource } from "./blocks";
import { allFiles } from "./files";
import { packageList } from "./packages";
import { buildProgram } from "./program";

/** While people type, the app is run again after this pause. */
const TYPING_PAUSE_MS = 500;

export interface Run {
  /** A new number for each start. */
  readonly id: number;
  readonly program: Program;
  /** The version that was started. */
  readonly ref: string;
}

/** Why nothing runs: the person stopped the app, or it left its page, sent too many messages or took the keyboard. */
export type Ended = "stopped" | "left" | "flooded" | "focus" | null;

/**
 * Builds and runs the code of an app, and runs it again when the code changes. If the new code cannot be built, the app
 * that runs stays.
 *
 * @param ref the version of the code
 * @param live whether people type the code now, so that a pause is awaited
 */
export function useRun(source: AppSource | null, ref: string, live: boolean) {
  const [run, setRun] = useState<Run | null>(null);
  const [buildProblem, setBuildProblem] = useState<(Problem & { readonly ref: string }) | null>(null);
  const [log, setLog] = useState<AppLog>(EMPTY_LOG);
  const [silent, setSilent] = useState(false);
  const [dropped, setDropped] = useState(0);
  const [ended, setEnded] = useState<Ended>(null);
  const [attempt, setAttempt] = useState(0);
  const started = useRef(0);
  const first = useRef(true);

  const current = useSame(source);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt runs the code again, a reference does not
  useEffect(() => {
    if (current === null) return;
    let isCurrent = true;
    const start = async (): Promise<void> => {
      const built = await buildProgram(current, packageList);
      if (!isCurrent) return;
      if ("problem" in built) {
        setBuildProblem({ ...built.problem, title: appTexts.theCodeCannotRun, stack: "", ref });
        return;
      }
      started.current += 1;
      setBuildProblem(null);
      setLog(EMPTY_LOG);
      setSilent(false);
      setDropped(0);
      setEnded(null);
      setRun({ id: started.current, program: built.program, ref });
    };
    const timer = setTimeout(() => void start(), live && !first.current ? TYPING_PAUSE_MS : 0);
    first.current = false;
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [current, attempt]);

  const receive = useCallback((message: FromFrame) => setLog((before) => logged(before, message)), []);
  const end = useCallback((why: Exclude<Ended, null>) => {
    setRun(null);
    setSilent(false);
    setEnded(why);
  }, []);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  const forgetLink = useCallback(() => setLog((before) => ({ ...before, link: null })), []);
  return {
    run,
    log,
    silent,
    dropped,
    ended,
    problem: buildProblem ?? log.problem,
    /** The version that has the problem, or null. While another version starts, it is still the version before. */
    failedRef: buildProblem?.ref ?? (log.problem === null ? null : (run?.ref ?? null)),
    receive,
    setSilent,
    setDropped,
    end,
    again,
    forgetLink,
  };
}

/** The last source, while new sources have the same text. */
function useSame(source: AppSource | null): AppSource | null {
  const kept = useRef(source);
  if (!isSame(kept.current, source)) kept.current = source;
  return kept.current;
}

function isSame(a: AppSource | null, b: AppSource | null): boolean {
  if (a === null || b === null) return a === b;
  const [left, right] = [allFiles(a), allFiles(b)];
  return (
    a.language === b.language &&
    left.length === right.length &&
    left.every(({ name, code }, at) => right[at]?.name === name && right[at]?.code === code)
  );
}
