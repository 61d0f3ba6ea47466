import type { AppVersion } from "../../room";
import { type AppLanguage, type AppSource, appOf, blocksOf, languageOfFile } from "./blocks";

/** A reference to code, as an app window stores it. */
export type Ref =
  | { readonly kind: "result"; readonly request: string; readonly block: number | null }
  | { readonly kind: "note"; readonly note: string };

export const refOfBlock = (request: string, block: number): string => `result:${request}#${block}`;

export function parseRef(ref: string): Ref | null {
  const result = /^result:([^#]+)(?:#(\d{1,6}))?$/.exec(ref);
  if (result !== null)
    return {
      kind: "result",
      request: result[1] ?? "",
      block: result[2] === undefined ? null : Number(result[2]),
    };
  const note = /^note:(.+)$/.exec(ref);
  return note === null ? null : { kind: "note", note: note[1] ?? "" };
}

/** Where code is read from: the room's document. */
export interface Texts {
  /** The text of a finished answer, or null while it is written or missing. */
  readonly answer: (request: string) => string | null;
  /** The text of a note, or null if it is missing. */
  readonly note: (id: string) => string | null;
}

export interface Version extends AppVersion {
  /** The number that people see, from 1. */
  readonly number: number;
  readonly source: AppSource;
}

/**
 * The versions of an app that have code, oldest first. An answer that is being written, failed or has no fitting block
 * is not a version.
 *
 * @param file the name of the file, for an app with a note as its first version
 */
export function versionsWithCode(
  versions: readonly AppVersion[],
  texts: Texts,
  file = "App.jsx",
): readonly Version[] {
  const found: Version[] = [];
  const first: AppSource = { name: file, language: languageOfFile(file), code: "" };
  for (const version of versions) {
    const base = found.find((each) => each.ref === version.from) ?? found.at(-1);
    const source = sourceAt(version.ref, base?.source ?? first, texts);
    if (source !== null) found.push({ ...version, number: found.length + 1, source });
  }
  return found;
}

/**
 * The version that all people see: the version that the window names. While that version has no code, the version that
 * it was made from stays in view, for example until the answer that fixes it is complete.
 */
export function shownVersion(
  ref: string | null,
  all: readonly AppVersion[],
  withCode: readonly Version[],
): Version | null {
  const seen = new Set<string>();
  for (let at = ref ?? ""; at !== "" && !seen.has(at); ) {
    const found = withCode.find((version) => version.ref === at);
    if (found !== undefined) return found;
    seen.add(at);
    const named: string = at;
    at = all.find((version) => version.ref === named)?.from ?? "";
  }
  return withCode.at(-1) ?? null;
}

function sourceAt(ref: string, before: AppSource, texts: Texts): AppSource | null {
  const parsed = parseRef(ref);
  if (parsed === null) return null;
  if (parsed.kind === "note") {
    const code = texts.note(parsed.note);
    return code === null ? null : { ...before, code };
  }
  const text = texts.answer(parsed.request);
  if (text === null) return null;
  const blocks = appsIn(text);
  if (parsed.block !== null) return blocks.find(({ index }) => index === parsed.block)?.app ?? null;
  return bestBlock(
    blocks.map(({ app }) => app),
    before,
  );
}

/** The apps of texts that were read already. An answer that is finished does not change. */
const cache = new Map<string, readonly { readonly index: number; readonly app: AppSource }[]>();
/** The number of answers with kept blocks. Above it, all are read again. */
const CACHED_MAX = 50;

function appsIn(text: string): readonly { readonly index: number; readonly app: AppSource }[] {
  const hit = cache.get(text);
  if (hit !== undefined) return hit;
  const apps = blocksOf(text).flatMap((block) => {
    const app = appOf(block);
    return app === null ? [] : [{ index: block.index, app }];
  });
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(text, apps);
  return apps;
}

/** The app in a block of an answer, found by its code; null if the answer has no such block that can run. */
export function appInBlock(
  text: string,
  language: string,
  code: string,
): { readonly index: number; readonly app: AppSource } | null {
  return appsIn(text).find(({ app }) => app.code === code && app.language === language.toLowerCase()) ?? null;
}

/** The block of a later answer that replaces `before`: of the same name, else of the same kind, else the longest. */
function bestBlock(apps: readonly AppSource[], before: AppSource): AppSource | null {
  const sameName = apps.findLast((app) => app.name === before.name);
  const sameKind = apps.filter((app) => kindOf(app.language) === kindOf(before.language));
  const candidates = sameKind.length > 0 ? sameKind : apps;
  const longest = candidates.reduce<AppSource | null>(
    (best, app) => (best === null || app.code.length > best.code.length ? app : best),
    null,
  );
  return sameName ?? longest;
}

const kindOf = (language: AppLanguage): string => (language === "tsx" ? "jsx" : language);
