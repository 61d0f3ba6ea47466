/** A fenced block of code in an answer. */
export interface Block {
  /** The number of the block among all blocks of the answer, from 0. */
  readonly index: number;
  readonly language: string;
  readonly code: string;
  /** The path in the line before the fence, without a leading slash; null without one. */
  readonly path: string | null;
}

/** A file of an app. Its name is a path without a leading slash. */
export interface SourceFile {
  readonly name: string;
  readonly code: string;
}

/** Code that can run as an app: the file with which it starts, and its other files. */
export interface AppSource extends SourceFile {
  readonly language: AppLanguage;
  readonly files?: readonly SourceFile[];
}

export type AppLanguage = "html" | "jsx" | "tsx" | "svg";

const LANGUAGES: readonly AppLanguage[] = ["html", "jsx", "tsx", "svg"];
const DEFAULT_NAME: Readonly<Record<AppLanguage, string>> = {
  html: "index.html",
  jsx: "App.jsx",
  tsx: "App.tsx",
  svg: "drawing.svg",
};

const OPENING = /^([ \t]*(?:[-*+] +|\d+[.)] +|> ?)*)(`{3,}|~{3,})[ \t]*([^`]*)$/;
const ANNOUNCED = /^[ \t>*+-]*(?:`{3,}|~{3,})[ \t]*(html|jsx|tsx|svg)(?=[\s{])/im;
const PATH = /^\/?((?:[\w@.-]+\/)*[\w@.-]+\.(?:html|jsx|tsx|svg|js|mjs|ts|css|json))$/;

/** The language of an app, or null for a block that cannot run. */
export const appLanguage = (language: string): AppLanguage | null =>
  LANGUAGES.find((each) => each === language.toLowerCase()) ?? null;

/** The language of a file by its name, for code that has no fence. */
export function languageOfFile(name: string): AppLanguage {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  if (ending === "htm") return "html";
  if (ending === "ts") return "tsx";
  return appLanguage(ending) ?? "jsx";
}

/** The closed code blocks of a markdown text, in order. A block without its closing fence is left out. */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  let index = 0;
  for (let at = 0; at < lines.length; at++) {
    const opening = OPENING.exec(lines[at] ?? "");
    if (opening === null) continue;
    const [, indent = "", fence = "", info = ""] = opening;
    const end = closingLine(lines, at + 1, fence);
    if (end === null) break;
    const code = lines.slice(at + 1, end).map((line) => withoutIndent(line, indent.length));
    const language = info.trim().split(/[\s{]/)[0] ?? "";
    blocks.push({ index, language, code: code.join("\n"), path: pathBefore(lines, at) });
    index++;
    at = end;
  }
  return blocks;
}

/** The language of the first block that can run, as soon as its opening fence is in the text; null before. */
export function announcedLanguage(markdown: string): AppLanguage | null {
  return appLanguage(ANNOUNCED.exec(markdown)?.[1] ?? "");
}

function closingLine(lines: readonly string[], from: number, fence: string): number | null {
  const closing = new RegExp(`^[ \\t>]*\\${fence[0]}{${fence.length},}[ \\t]*$`);
  for (let at = from; at < lines.length; at++) if (closing.test(lines[at] ?? "")) return at;
  return null;
}

function withoutIndent(line: string, width: number): string {
  let at = 0;
  while (at < width && (line[at] === " " || line[at] === "\t" || line[at] === ">")) at++;
  return line.slice(at);
}

/** The path in the line before a fence, as models write it: plain, in bold, as code, or with a colon. */
function pathBefore(lines: readonly string[], fence: number): string | null {
  let at = fence - 1;
  while (at >= 0 && (lines[at] ?? "").trim() === "") at--;
  const words = (lines[at] ?? "")
    .trim()
    .replace(/^(#+|\/\/)\s*/, "")
    .replace(/[*`]/g, "")
    .replace(/:$/, "")
    .trim();
  const path = PATH.exec(words.replace(/^\.\//, ""))?.[1] ?? null;
  return path?.split("/").some((part) => part === "." || part === "..") ? null : path;
}

/** The app in a block, or null if the block cannot run. */
export function appOf(block: Block): AppSource | null {
  const language = appLanguage(block.language);
  if (language === null) return null;
  const ownName = block.path?.toLowerCase().endsWith(`.${language}`) ? block.path : null;
  return { name: ownName ?? DEFAULT_NAME[language], language, code: block.code };
}

/** The title of a window for an app: the page's title, the component's name, or the file's name. */
export function titleOfApp({ name, language, code }: AppSource): string {
  if (language === "html" || language === "svg") {
    const title = /<title[^>]*>([^<]{1,80})<\/title>/i.exec(code)?.[1]?.trim();
    if (title) return title;
  } else {
    const component = /export\s+default\s+(?:async\s+)?(?:function|class)\s+([A-Z]\w*)/.exec(code)?.[1];
    if (component !== undefined && component !== "App") return wordsOf(component);
  }
  const file = (name.split("/").at(-1) ?? name).replace(/\.\w+$/, "");
  return file === "App" || file === "index" ? "App" : wordsOf(file);
}

/** "SignUpForm" becomes "Sign up form". */
function wordsOf(name: string): string {
  const words = name
    .replace(/[-_]+/g, " ")
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
