import { OWN_MODULE, type Program } from "../../run/messages";
import { appTexts } from "../../texts";
import type { AppSource, SourceFile } from "./blocks";
import { allFiles, fileAt, isCompiled, isModule, isRelative, moduleOfText } from "./files";
import { importsIn, isBare, type PackageList, planImports, withSpecifiers } from "./imports";
import { pageWithFiles } from "./page";

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

export const NO_PACKAGES = appTexts.serverOffersNoPackagesReact;

/** Makes the program of an app: transforms JSX and TypeScript, and plans the imports. */
export async function buildProgram(source: AppSource, packages: () => Promise<PackageList>): Promise<Built> {
  const { language, name, code } = source;
  if (language === "svg") return { program: plain("svg", [{ name, code }]), warnings: [] };
  const modules = new Modules(source);
  if (language === "html") return buildPage(source, modules, packages);
  await modules.add({ name, code });
  if (modules.problem !== null) return { problem: modules.problem };
  let list: PackageList;
  try {
    list = await packages();
  } catch {
    return { problem: problemOf(source, NO_PACKAGES) };
  }
  return withImports(plain("module", modules.files), list);
}

async function buildPage(
  source: AppSource,
  modules: Modules,
  packages: () => Promise<PackageList>,
): Promise<Built> {
  const code = source.files === undefined ? source.code : await pageWithFiles(source, modules.script);
  if (modules.problem !== null) return { problem: modules.problem };
  const program = plain("html", [{ name: source.name, code }, ...modules.files]);
  const needsPackages = importsIn(codeOf(program)).some(({ specifier }) => isBare(specifier));
  if (!needsPackages) return { program, warnings: [] };
  return withImports(program, await packages().catch(() => EMPTY));
}

const EMPTY: PackageList = { set: "", packages: {}, integrity: {} };

const plain = (kind: Program["kind"], files: Program["files"]): Program => ({
  kind,
  files,
  imports: {},
  integrity: {},
  stubs: {},
});

const codeOf = ({ files }: Program): string => files.map(({ code }) => code).join("\n");

function withImports(program: Program, list: PackageList): Built {
  const { imports, integrity, stubs, unknown } = planImports(codeOf(program), list);
  return { program: { ...program, imports, integrity, stubs }, warnings: unknown };
}

/** The modules of an app that its first file reaches, in the order of their discovery. */
class Modules {
  readonly files: { readonly name: string; readonly code: string }[] = [];
  problem: BuildProblem | null = null;
  readonly #found = new Set<string>();

  constructor(private readonly source: AppSource) {}

  /** Adds a file with all files that it imports. */
  async add(file: SourceFile): Promise<void> {
    if (this.#found.has(file.name)) return;
    this.#found.add(file.name);
    const at = this.files.length;
    this.files.push({ name: file.name, code: "" });
    const code = isModule(file.name) ? await this.script(file, true) : moduleOfText(file);
    this.files[at] = { name: file.name, code };
  }

  /** The JavaScript of a file. If it is a module, its imports of files become imports of modules in the frame. */
  readonly script = async (file: SourceFile, imports: boolean): Promise<string> => {
    const made = isCompiled(file.name) ? await transform(file) : { code: file.code };
    if ("problem" in made) {
      this.problem ??= made.problem;
      return "";
    }
    if (!imports) return made.code;
    const all = allFiles(this.source);
    const used = importsIn(made.code.replace(/^\s*\/\/.*$/gm, "")).map(({ specifier }) => specifier);
    for (const specifier of used.filter(isRelative)) {
      const found = fileAt(specifier, file.name, all);
      if (found === null) this.problem ??= missingFile(file, specifier, all);
      else await this.add(found);
    }
    return withSpecifiers(made.code, (specifier) => {
      const found = isRelative(specifier) ? fileAt(specifier, file.name, all) : null;
      return found === null ? null : OWN_MODULE + found.name;
    });
  };
}

const missingFile = (file: SourceFile, specifier: string, all: readonly SourceFile[]): BuildProblem =>
  problemOf(
    file,
    all.length === 1
      ? appTexts.anotherFileAppOneFile(specifier)
      : appTexts.noFileAppFiles(specifier, all.map(({ name }) => name).join(", ")),
  );

const problemOf = ({ name }: SourceFile, message: string): BuildProblem => ({
  message,
  file: name,
  line: null,
  column: null,
});

/** Transforms JSX and TypeScript into JavaScript with the same line numbers. The transformer is loaded at first use. */
export async function transform(
  source: SourceFile,
): Promise<{ readonly code: string } | { readonly problem: BuildProblem }> {
  let sucrase: typeof import("sucrase");
  try {
    sucrase = await import("sucrase");
  } catch {
    return {
      problem: problemOf(source, appTexts.codeCouldNotPreparedCheck),
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

function syntaxProblem({ name }: SourceFile, error: unknown): BuildProblem {
  const message = error instanceof Error ? error.message : String(error);
  const { loc } = error as { loc?: { line?: unknown; column?: unknown } };
  return {
    message: `SyntaxError: ${message.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, "")}`,
    file: name,
    line: typeof loc?.line === "number" ? loc.line : null,
    column: typeof loc?.column === "number" ? loc.column : null,
  };
}
