import { OWN_MODULE } from "../../run/messages";
import { appTexts } from "../../texts";

/** A package of this server, as its list names it. */
export interface VendoredPackage {
  readonly url: string;
  readonly integrity?: string;
  readonly exports: readonly string[];
}

export interface PackageList {
  readonly set: string;
  readonly packages: Readonly<Record<string, VendoredPackage>>;
  /** The hashes of all files of the packages, also of the files that packages share, by address. */
  readonly integrity: Readonly<Record<string, string>>;
}

/** The names that code imports from one module. */
interface Import {
  readonly specifier: string;
  readonly names: readonly string[];
  readonly hasDefault: boolean;
}

const STATIC = /(?:^|[;\n}>\s])(?:import|export)\s*(?:([\w$*\s{},]+?)\s*from\s*)?["']([^"'\n]+)["']/g;
const DYNAMIC = /\bimport\s*\(\s*["']([^"'\n]+)["']\s*\)/g;

/** The imports in JavaScript. A false positive, as in a comment, only adds an unused entry to the import map. */
export function importsIn(code: string): readonly Import[] {
  const found = new Map<string, { names: Set<string>; hasDefault: boolean }>();
  const at = (specifier: string) => {
    const entry = found.get(specifier) ?? { names: new Set<string>(), hasDefault: false };
    found.set(specifier, entry);
    return entry;
  };
  for (const [, clause = "", specifier = ""] of code.matchAll(STATIC)) {
    const entry = at(specifier);
    const braces = /\{([^}]*)\}/.exec(clause);
    for (const part of braces?.[1]?.split(",") ?? []) {
      const name = part.trim().split(/\s+as\s+/)[0] ?? "";
      if (/^[\w$]+$/.test(name)) entry.names.add(name);
    }
    const outside = clause.replace(/\{[^}]*\}/, "").replace(/\*\s*as\s+[\w$]+/, "");
    if (/[\w$]/.test(outside) || entry.names.has("default")) entry.hasDefault = true;
  }
  for (const [, specifier = ""] of code.matchAll(DYNAMIC)) at(specifier);
  return [...found].map(([specifier, { names, hasDefault }]) => ({
    specifier,
    names: [...names].filter((name) => name !== "default"),
    hasDefault,
  }));
}

/** The code with another specifier for each import that `change` gives one for. Lines keep their numbers. */
export function withSpecifiers(code: string, change: (specifier: string) => string | null): string {
  const replaced = (whole: string, specifier: string): string => {
    const next = change(specifier);
    if (next === null) return whole;
    const at = whole.lastIndexOf(specifier);
    return whole.slice(0, at) + next + whole.slice(at + specifier.length);
  };
  return code
    .replace(STATIC, (whole, _clause: string | undefined, specifier: string) => replaced(whole, specifier))
    .replace(DYNAMIC, replaced);
}

/** Whether a specifier names a package. The app's own modules in the frame are no packages. */
export const isBare = (specifier: string): boolean =>
  !/^(\.{0,2}\/|[a-z][a-z\d+.-]*:)/i.test(specifier) && !specifier.startsWith(OWN_MODULE);

export interface ImportPlan {
  readonly imports: Readonly<Record<string, string>>;
  readonly integrity: Readonly<Record<string, string>>;
  readonly stubs: Readonly<Record<string, string>>;
  /** The imported packages that this server does not have. */
  readonly unknown: readonly string[];
}

/**
 * The import map for some code. The map has all packages of the server, since packages import each other. A package
 * that the server does not have becomes a module with exports that throw an error when the app uses them.
 */
export function planImports(code: string, list: PackageList): ImportPlan {
  const known = Object.entries(list.packages);
  const imports = Object.fromEntries(known.map(([name, { url }]) => [name, url]));
  const own = known.flatMap(([, each]) => (each.integrity === undefined ? [] : [[each.url, each.integrity]]));
  const integrity = { ...list.integrity, ...Object.fromEntries(own) };
  const used = importsIn(code);
  const unknown = used.filter(({ specifier }) => isBare(specifier) && !(specifier in list.packages));
  return {
    imports,
    integrity,
    stubs: Object.fromEntries(unknown.map((each) => [each.specifier, stubOf(each, Object.keys(imports))])),
    unknown: unknown.map(({ specifier }) => specifier),
  };
}

/** The sentence about a package that the server does not have. */
export function missingPackage(name: string, known: readonly string[]): string {
  const roots = [
    ...new Set(
      known.map((each) =>
        each
          .split("/")
          .slice(0, each.startsWith("@") ? 2 : 1)
          .join("/"),
      ),
    ),
  ];
  const others = roots.length === 0 ? appTexts.itHasNoPackages : appTexts.thereAre(roots.sort().join(", "));
  return appTexts.notServer(name, others);
}

function stubOf({ specifier, names }: Import, known: readonly string[]): string {
  const lines = names.map((name) => `export const ${name} = missing;`);
  return [
    `const fail = () => { throw new Error(${JSON.stringify(missingPackage(specifier, known))}); };`,
    // Asking for these is no use of the package: loaders and promises ask every module.
    'const quiet = ["then", "__esModule"];',
    'const get = (_, name) => (typeof name === "symbol" || quiet.includes(name) ? undefined : fail());',
    "const missing = new Proxy(function () {}, { get, apply: fail, construct: fail, set: fail });",
    ...lines,
    "export default missing;",
  ].join("\n");
}
