import type { AppVersion } from "../../room";
import {
  type AppLanguage,
  type AppSource,
  appOf,
  type Block,
  blocksOf,
  languageOfFile,
  type SourceFile,
} from "./blocks";

/** A reference to code, as an app window stores it. */
export type Ref =
  | { readonly kind: "result"; readonly request: string; readonly block: number | null }
  | { readonly kind: "chat"; readonly entry: string; readonly block: number | null }
  | { readonly kind: "note"; readonly note: string };

/** A text of the room with code blocks: an answer by its request, or an entry of the chat by its id. */
export type Origin = `result:${string}` | `chat:${string}`;

export const refOfBlock = (origin: Origin, block: number): string => `${origin}#${block}`;

export function parseRef(ref: string): Ref | null {
  const text = /^(result|chat):([^#]+)(?:#(\d{1,6}))?$/.exec(ref);
  if (text !== null) {
    const [, kind, id = "", number] = text;
    const block = number === undefined ? null : Number(number);
    return kind === "chat" ? { kind, entry: id, block } : { kind: "result", request: id, block };
  }
  const note = /^note:(.+)$/.exec(ref);
  return note === null ? null : { kind: "note", note: note[1] ?? "" };
}

/** Where code is read from: the room's document. */
export interface Texts {
  /** The text of a finished answer, or null while it is written or missing. */
  readonly answer: (request: string) => string | null;
  /** The text of an entry of the chat, or null if it is missing. */
  readonly chat: (entry: string) => string | null;
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
    const source = sourceAt(version, base?.source ?? first, texts);
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

/** The request of the answer that made a version, also for a version that people edited; empty without a request. */
export function requestBehind(ref: string, versions: readonly AppVersion[]): string {
  const seen = new Set<string>();
  for (let at = ref; at !== "" && !seen.has(at); ) {
    const parsed = parseRef(at);
    if (parsed?.kind === "result") return parsed.request;
    seen.add(at);
    const named: string = at;
    at = versions.find((version) => version.ref === named)?.from ?? "";
  }
  return "";
}

function sourceAt(version: AppVersion, before: AppSource, texts: Texts): AppSource | null {
  const parsed = parseRef(version.ref);
  if (parsed === null) return null;
  if (parsed.kind === "note") {
    const code = texts.note(parsed.note);
    if (code === null) return null;
    const notes = (version.files ?? []).flatMap(({ name, note }) => {
      const text = texts.note(note);
      return text === null ? [] : [{ name, code: text }];
    });
    return withFiles({ ...before, code }, before.files, notes);
  }
  const text = parsed.kind === "result" ? texts.answer(parsed.request) : texts.chat(parsed.entry);
  if (text === null) return null;
  const read = readText(text);
  if (parsed.block === null) return updated(before, read);
  const app = read.apps.find(({ block }) => block.index === parsed.block)?.app;
  return app === undefined ? null : withFiles(app, before.files, app.files);
}

/** The source with the later files in the place of earlier files of the same name. */
function withFiles(
  source: AppSource,
  earlier: readonly SourceFile[] = [],
  later: readonly SourceFile[] = [],
): AppSource {
  const byName = new Map([...earlier, ...later].map((file) => [file.name, file]));
  byName.delete(source.name);
  const { files: _, ...entry } = source;
  return byName.size === 0 ? entry : { ...entry, files: [...byName.values()] };
}

interface AppBlock {
  readonly block: Block;
  readonly app: AppSource;
}

interface ReadText {
  readonly blocks: readonly Block[];
  /** The blocks that can run, each with all named blocks of the text as its files. */
  readonly apps: readonly AppBlock[];
}

/** Texts that were read already. An answer that is finished does not change. */
const cache = new Map<string, ReadText>();
/** The number of kept texts. Above it, all are read again. */
const CACHED_MAX = 50;

function readText(text: string): ReadText {
  const hit = cache.get(text);
  if (hit !== undefined) return hit;
  const blocks = blocksOf(text);
  const files = namedFiles(blocks);
  const apps = blocks.flatMap((block) => {
    const app = appOf(block);
    return app === null ? [] : [{ block, app: withFiles(app, files) }];
  });
  const read = { blocks, apps };
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(text, read);
  return read;
}

const namedFiles = (blocks: readonly Block[]): readonly SourceFile[] =>
  blocks.flatMap(({ path, code }) => (path === null ? [] : [{ name: path, code }]));

/** The files with which an app of several files starts, best first. */
const STARTS = ["index.html", "App.jsx", "App.tsx"];

/**
 * The app in a block of a text, found by its code; null if the text has no such block that can run. A block that is a
 * file of another block's app gives that app.
 */
export function appInBlock(
  text: string,
  language: string,
  code: string,
): { readonly index: number; readonly app: AppSource } | null {
  const { apps } = readText(text);
  const own = apps.find(({ app }) => app.code === code && app.language === language.toLowerCase());
  if (own === undefined) return null;
  const starts = apps.filter(
    ({ app }) => own.block.path !== null && app.files?.some(({ name }) => name === own.app.name),
  );
  const start = STARTS.filter((name) => rank(name) < rank(own.app.name))
    .map((name) => starts.find(({ app }) => app.name === name))
    .find((found) => found !== undefined);
  const { block, app } = start ?? own;
  return { index: block.index, app };
}

const rank = (name: string): number => {
  const at = STARTS.indexOf(name);
  return at < 0 ? STARTS.length : at;
};

/**
 * The app after an answer that replaces a part of it: the block of the same name as each file. Without one, the longest
 * block of the same kind replaces the file with which the app starts. Null if no block fits.
 */
function updated(before: AppSource, { blocks, apps }: ReadText): AppSource | null {
  const own = before.files ?? [];
  const isOther = ({ app, block }: AppBlock): boolean =>
    block.path !== null && own.some(({ name }) => name === app.name);
  const start = bestBlock(
    apps.filter((each) => !isOther(each)),
    before,
  );
  const files = [...namedFiles(blocks), ...unnamedFiles(blocks, own)];
  const isStart = ({ name }: SourceFile): boolean => name === before.name;
  if (start === null && !files.some((file) => !isStart(file))) return null;
  return withFiles(start ?? before, own, files);
}

/** The blocks without a name that can only be one file of the app, since no other file has their ending. */
function unnamedFiles(blocks: readonly Block[], own: readonly SourceFile[]): readonly SourceFile[] {
  return blocks.flatMap(({ path, language, code }) => {
    const fitting = own.filter(({ name }) => endingOf(name) === language.toLowerCase());
    const [file] = fitting;
    return path === null &&
      file !== undefined &&
      fitting.length === 1 &&
      appOf({ ...NO_BLOCK, language }) === null
      ? [{ name: file.name, code }]
      : [];
  });
}

const NO_BLOCK: Block = { index: 0, language: "", code: "", path: null };

const endingOf = (name: string): string => /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** The block of a later answer that replaces `before`: of the same name, else of the same kind, else the longest. */
function bestBlock(apps: readonly AppBlock[], before: AppSource): AppSource | null {
  const sameName = apps.findLast(({ app }) => app.name === before.name);
  const sameKind = apps.filter(({ app }) => kindOf(app.language) === kindOf(before.language));
  const candidates = sameKind.length > 0 ? sameKind : apps;
  const longest = candidates.reduce<AppBlock | null>(
    (best, each) => (best === null || each.app.code.length > best.app.code.length ? each : best),
    null,
  );
  const best = sameName ?? longest;
  if (best === null) return null;
  const keepsName = best.block.path === null && best.app.language === before.language;
  return keepsName ? { ...best.app, name: before.name } : best.app;
}

const kindOf = (language: AppLanguage): string => (language === "tsx" ? "jsx" : language);
