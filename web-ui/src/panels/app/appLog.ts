import type { FromFrame, Level } from "../../run/messages";
import { appTexts } from "../../texts";
import type { BuildProblem } from "./program";

/** The lines of the console that are kept. Above it, the oldest line is dropped. */
export const LINES_MAX = 200;
/** The blocked addresses that are listed. Above it, only the number grows. */
const BLOCKED_MAX = 20;

export interface LogLine {
  readonly id: number;
  readonly level: Level;
  readonly text: string;
}

export interface Problem extends BuildProblem {
  readonly title: string;
  readonly stack: string;
}

/** What a running app has reported, as the window shows it. */
export interface AppLog {
  readonly lines: readonly LogLine[];
  readonly lineCount: number;
  /** The first error of this run. Later errors are often its consequences. */
  readonly problem: Problem | null;
  readonly problemCount: number;
  readonly blocked: readonly string[];
  readonly blockedCount: number;
  /** The address of the link that a person pressed in the app, or null. */
  readonly link: string | null;
  readonly rendered: boolean;
}

export const EMPTY_LOG: AppLog = {
  lines: [],
  lineCount: 0,
  problem: null,
  problemCount: 0,
  blocked: [],
  blockedCount: 0,
  link: null,
  rendered: false,
};

const TITLES: Readonly<Record<string, string>> = {
  load: appTexts.appCouldNotLoad,
  export: appTexts.theAppShowsNothing,
  runtime: appTexts.appError,
  promise: appTexts.appError,
};

/** The log after a further message of the app. */
export function logged(log: AppLog, message: FromFrame): AppLog {
  switch (message.type) {
    case "console":
      return withLine(log, message.level, message.text);
    case "error": {
      const { file, line, column, stack } = message;
      const problem: Problem = {
        title: TITLES[message.kind] ?? appTexts.appError,
        message: message.message || appTexts.unknownError,
        file,
        line,
        column,
        stack,
      };
      const next = withLine(log, "error", `${problem.message}${placeOf(problem)}`);
      return { ...next, problem: log.problem ?? problem, problemCount: log.problemCount + 1 };
    }
    case "blocked": {
      const isNew = !log.blocked.includes(message.url) && log.blocked.length < BLOCKED_MAX;
      return {
        ...log,
        blocked: isNew ? [...log.blocked, message.url] : log.blocked,
        blockedCount: log.blockedCount + 1,
      };
    }
    case "link":
      return { ...log, link: /^(https?:|mailto:)/i.test(message.url) ? message.url : null };
    case "rendered":
      return { ...log, rendered: true };
    default:
      return log;
  }
}

function withLine(log: AppLog, level: Level, text: string): AppLog {
  const line = { id: log.lineCount + 1, level, text };
  return { ...log, lines: [...log.lines, line].slice(-LINES_MAX), lineCount: line.id };
}

/** " · App.jsx, line 14", or only the file if the line is not known. */
export function placeOf({ file, line }: Pick<BuildProblem, "file" | "line">): string {
  if (file === "") return "";
  return line === null ? ` · ${file}` : appTexts.line(file, line);
}
