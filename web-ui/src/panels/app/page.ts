import type { AppSource, SourceFile } from "./blocks";
import { endingOf, fileAt } from "./files";

/** Makes the JavaScript of a script of a page. `isModule` tells whether it may import. */
export type ScriptOf = (file: SourceFile, isModule: boolean) => Promise<string>;

/**
 * A page of HTML with its own files inside: style sheets, scripts and drawings. The frame has no addresses for files. A
 * reference to a file that the app does not have stays.
 */
export async function pageWithFiles(
  { name, code, files = [] }: AppSource,
  script: ScriptOf,
): Promise<string> {
  const at = (address: string): SourceFile | null => fileAt(address, name, files);
  const withStyles = code.replace(/<link\b[^>]*>/gi, (tag) => {
    const sheet = /\brel\s*=\s*["']?stylesheet\b/i.test(tag) ? at(attribute(tag, "href")) : null;
    return sheet === null ? tag : `<style>${sheet.code.replace(/<\/(style)/gi, "<\\/$1")}</style>`;
  });
  const withImages = withStyles.replace(
    /(<(?:img|source|object|embed)\b[^>]*?\b(?:src|data)\s*=\s*)(["'])([^"']*\.svg)\2/gi,
    (whole, before: string, quote: string, address: string) => {
      const drawing = at(address);
      return drawing === null
        ? whole
        : `${before}${quote}data:image/svg+xml,${encodeURIComponent(drawing.code).replaceAll("'", "%27")}${quote}`;
    },
  );
  return withScripts(withImages, async (tag, inner) => {
    const isModule = /\btype\s*=\s*["']?module\b/i.test(tag);
    const address = attribute(tag, "src");
    if (address === "")
      return isModule ? `${tag}${inScript(await script({ name, code: inner }, true))}` : `${tag}${inner}`;
    const file = at(address);
    if (file === null || !/^([mc]?js|[jt]sx?)$/.test(endingOf(file.name))) return `${tag}${inner}`;
    const start = tag.replace(/\s\bsrc\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/i, "");
    return `${start}${inScript(await script(file, isModule))}`;
  });
}

const inScript = (code: string): string => code.replace(/<\/(script)/gi, "<\\/$1");

function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\s${name}\\s*=\\s*("[^"]*"|'[^']*'|[^\\s>]+)`, "i").exec(tag)?.[1] ?? "";
  return found.replace(/^["']|["']$/g, "");
}

async function withScripts(
  html: string,
  change: (tag: string, inner: string) => Promise<string>,
): Promise<string> {
  const parts: string[] = [];
  let done = 0;
  for (const found of html.matchAll(/(<script\b[^>]*>)([\s\S]*?)(?=<\/script\b)/gi)) {
    const [whole, tag = "", inner = ""] = found;
    parts.push(html.slice(done, found.index), await change(tag, inner));
    done = found.index + whole.length;
  }
  return parts.join("") + html.slice(done);
}
