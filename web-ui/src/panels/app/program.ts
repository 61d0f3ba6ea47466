import type { Program } from "../../run/messages";
import type { AppSource } from "./blocks";
import { importsIn, isBare, type PackageList, planImports } from "./imports";

/** Why code cannot run, with its place in the file if it is known. */
export interface BuildProblem {
  readonly message: string;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
}

export type Built =
  | { readonly program: Program; readonly warnings: readonly string[] }
  | { readonly problem: BuildProblem };

export const NO_PACKAGES =
  "This server offers no packages, so React apps cannot run here. HTML and SVG apps can.";

/** Makes the program of an app: transforms JSX and TypeScript, and plans the imports. */
export async function buildProgram(source: AppSource, packages: () => Promise<PackageList>): Promise<Built> {
  const { language, code } = source;
  if (language === "svg" || language === "html") {
    const needsPackages = importsIn(code).some(({ specifier }) => isBare(specifier));
    if (language === "svg" || !needsPackages) return { program: plain(source), warnings: [] };
    const list = await packages().catch(() => EMPTY);
    return withImports(plain(source), code, list);
  }
  const transformed = await transform(source);
  if ("problem" in transformed) return transformed;
  let list: PackageList;
  try {
    list = await packages();
  } catch {
    return { problem: problemOf(source, NO_PACKAGES) };
  }
  const program: Program = {
    ...plain(source),
    kind: "module",
    files: [{ name: source.name, code: transformed.code }],
  };
  return withImports(program, transformed.code, list);
}

const EMPTY: PackageList = { set: "", packages: {}, integrity: {} };

const plain = ({ name, code, language }: AppSource): Program => ({
  kind: language === "svg" ? "svg" : "html",
  files: [{ name, code }],
  imports: {},
  integrity: {},
  stubs: {},
});

function withImports(program: Program, code: string, list: PackageList): Built {
  const { imports, integrity, stubs, unknown, files } = planImports(code, list);
  const [file] = files;
  if (file !== undefined && program.kind === "module")
    return {
      problem: {
        message: `“${file}” is another file. An app here has one file: put everything into it.`,
        file: program.files[0]?.name ?? "",
        line: null,
        column: null,
      },
    };
  return { program: { ...program, imports, integrity, stubs }, warnings: unknown };
}

const problemOf = ({ name }: AppSource, message: string): BuildProblem => ({
  message,
  file: name,
  line: null,
  column: null,
});

/** Transforms JSX and TypeScript into JavaScript with the same line numbers. The transformer is loaded at first use. */
export async function transform(
  source: AppSource,
): Promise<{ readonly code: string } | { readonly problem: BuildProblem }> {
  let sucrase: typeof import("sucrase");
  try {
    sucrase = await import("sucrase");
  } catch {
    return {
      problem: problemOf(source, "The code could not be prepared. Check the connection and run again."),
    };
  }
  try {
    const { code } = sucrase.transform(source.code, {
      transforms: ["typescript", "jsx"],
      jsxRuntime: "automatic",
      production: true,
      disableESTransforms: true,
      filePath: source.name,
    });
    return { code };
  } catch (error) {
    return { problem: syntaxProblem(source, error) };
  }
}

function syntaxProblem({ name }: AppSource, error: unknown): BuildProblem {
  const message = error instanceof Error ? error.message : String(error);
  const { loc } = error as { loc?: { line?: unknown; column?: unknown } };
  return {
    message: `SyntaxError: ${message.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, "")}`,
    file: name,
    line: typeof loc?.line === "number" ? loc.line : null,
    column: typeof loc?.column === "number" ? loc.column : null,
  };
}
