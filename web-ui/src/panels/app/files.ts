import type { AppSource, SourceFile } from "./blocks";

/*
 * The files of one app and how they refer to each other.
 */

/** Endings that a module may leave out when it imports another module, as on the server. */
const IMPLIED = ["", ".jsx", ".tsx", ".ts", ".js", ".mjs", "/index.jsx", "/index.tsx", "/index.js"];

export const isRelative = (specifier: string): boolean => /^\.{0,2}\//.test(specifier);

/** All files of an app; the file with which it starts comes first. */
export const allFiles = ({ name, code, files = [] }: AppSource): readonly SourceFile[] => [
  { name, code },
  ...files,
];

/** The file that a relative address in another file means, or null. */
export function fileAt(address: string, from: string, files: readonly SourceFile[]): SourceFile | null {
  const path = pathOf(address, from);
  if (path === null) return null;
  for (const ending of IMPLIED) {
    const found = files.find(({ name }) => name === path + ending);
    if (found !== undefined) return found;
  }
  return null;
}

/** The path that a relative address means, without a leading slash; null for an address of another site. */
function pathOf(address: string, from: string): string | null {
  const plain = address.replace(/[?#].*$/, "");
  if (plain === "" || /^([a-z][a-z\d+.-]*:|\/\/)/i.test(plain)) return null;
  const parts = plain.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of plain.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

export const endingOf = (name: string): string => /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** The language that the server compiles a file as. */
export const isCompiled = (name: string): boolean => ["jsx", "tsx", "ts"].includes(endingOf(name));

export const isModule = (name: string): boolean => isCompiled(name) || /\.m?js$/.test(name);

/** A module in the place of a file that is no code: a style sheet is added to the page, JSON and text are exported. */
export function moduleOfText({ name, code }: SourceFile): string {
  switch (endingOf(name)) {
    case "css":
      return [
        'const sheet = document.createElement("style");',
        `sheet.textContent = ${JSON.stringify(code)};`,
        "document.head.append(sheet);",
        `export default ${JSON.stringify(code)};`,
      ].join("\n");
    case "json":
      return `export default ${jsonOf(code)};`;
    default:
      return `export default ${JSON.stringify(code)};`;
  }
}

function jsonOf(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `(() => { throw new SyntaxError(${JSON.stringify(message)}); })()`;
  }
}
