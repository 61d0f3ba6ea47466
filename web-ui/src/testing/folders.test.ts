import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCES = resolve(import.meta.dirname, "..");

/** Matches static and dynamic imports of files. Imports of packages do not begin with a dot. */
const IMPORT = /\b(?:from|import)\s*\(?\s*["'](\.[^"']*)["']/g;

type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/** The file of all texts. It imports nothing, so each folder may import it; it counts as a folder of its own. */
const TEXTS = "texts";

/** The folders that the code of each folder imports. Imports of tests are left out. */
function importsOfFolders(paths: readonly string[], read: (path: string) => string): Imports {
  const imports = new Map<string, Set<string>>();
  const folders = new Set(paths.map((path) => dirname(path)));
  for (const path of paths.filter((each) => !/\.test\.tsx?$/.test(each))) {
    const from = path === `${TEXTS}.ts` ? TEXTS : dirname(path);
    for (const [, to = ""] of read(path).matchAll(IMPORT)) {
      const target = join(from, to);
      const folder = folders.has(target) || target === TEXTS ? target : dirname(target);
      if (folder !== from) imports.set(from, (imports.get(from) ?? new Set()).add(folder));
    }
  }
  return imports;
}

/** All import cycles. Each is a list of folders that begins and ends with the same folder. */
function cycles(imports: Imports): readonly string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): void => {
    const start = path.indexOf(folder);
    if (start >= 0) found.push([...path.slice(start), folder]);
    if (start >= 0 || done.has(folder)) return;
    for (const next of imports.get(folder) ?? []) visit(next, [...path, folder]);
    done.add(folder);
  };
  for (const folder of imports.keys()) visit(folder, []);
  return found;
}

describe("the folders of the page", () => {
  it("do not import each other in a cycle", () => {
    const paths = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => relative(SOURCES, join(SOURCES, path)));
    const imports = importsOfFolders(paths, (path) => readFileSync(join(SOURCES, path), "utf8"));
    expect(imports.get("shell")).toContain("room");
    expect(imports.get("room")).toContain("room/schema");
    expect(cycles(imports)).toEqual([]);
  });

  it("are reported if they import each other in a cycle", () => {
    const files: Record<string, string> = {
      "a/one.ts": 'import { two } from "../b/two";',
      "a/one.test.ts": 'import { three } from "../c";',
      "b/two.ts": 'const later = import("../c");\nimport "react";',
      "c/index.ts": 'export * from "../a/one";',
      "d/four.ts": 'import type { one } from "../a/one";\nimport { five } from "./five";',
      "texts.ts": "export const texts = {};",
      "App.tsx": 'import { six } from "./e/six";',
      "e/six.ts": 'import { texts } from "../texts";',
    };
    const imports = importsOfFolders(Object.keys(files), (path) => files[path] ?? "");
    expect(cycles(imports)).toEqual([["a", "b", "c", "a"]]);
  });
});
