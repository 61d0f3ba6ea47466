// Builds the packages that published apps may import: one build with shared chunks, so that all packages have one
// React. Writes `dist/` with the modules, a brotli copy of each, NOTICES.txt and index.json. The same packages give the
// same bytes, and so the same id of the set. `node build.mjs DIRECTORY` writes to another directory.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { ALIASES, COMMON_JS, MODULES, SCRIPTS } from "./entries.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = resolve(process.argv[2] ?? join(here, "dist"));
const BASE = "/~~vendor~~";
const DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

process.env.NODE_ENV = "production"; // React chooses its build by it, here and in the bundle.
const require = createRequire(import.meta.url);

const { files, metafile } = await bundle();
const packages = describe(files, metafile);
const set = contentId(
  [...files].map(([path, file]) => `${path} ${file.integrity}\n`).join("") + JSON.stringify(packages),
);
for (const entry of Object.values(packages)) entry.url = `${BASE}/${set}/${entry.url}`;
write();

/** Runs esbuild; the outputs by their paths below `dist`, sorted. */
async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [...COMMON_JS, ...MODULES, ...SCRIPTS].map((specifier) => ({
      in: `vendored:${specifier}`,
      out: fileName(specifier),
    })),
    outdir: "dist",
    chunkNames: "chunks/[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    minify: true,
    legalComments: "none", // NOTICES.txt has the licences.
    define: { "process.env.NODE_ENV": '"production"' },
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [{ name: "entries", setup: entries }],
  });
  const prefix = join(here, "dist/");
  const outputs = result.outputFiles
    .map((file) => [file.path.slice(prefix.length), Buffer.from(file.contents)])
    .concat([["NOTICES.txt", Buffer.from(notices(result.metafile))]])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => [
      path,
      {
        content,
        integrity: `sha384-${createHash("sha384").update(content).digest("base64")}`,
        imports: importsOf(result.metafile, path),
      },
    ]);
  return { files: new Map(outputs), metafile: result.metafile };
}

/** The modules of the entries: the package itself, or for CommonJS a module that names its exports. */
function entries(setup) {
  setup.onResolve({ filter: /^vendored:/ }, ({ path }) => ({
    path: path.slice("vendored:".length),
    namespace: "vendored",
  }));
  setup.onLoad({ filter: /.*/, namespace: "vendored" }, async ({ path }) => ({
    resolveDir: here,
    contents: await contents(path),
  }));

  async function contents(specifier) {
    if (COMMON_JS.includes(specifier)) return commonJs(specifier);
    return SCRIPTS.includes(specifier) ? `import ${JSON.stringify(specifier)};` : reexport(specifier);
  }

  function commonJs(specifier) {
    const names = Object.keys(require(specifier)).filter(
      (name) => name !== "default" && IDENTIFIER.test(name),
    );
    return [
      `var all = require(${JSON.stringify(specifier)});`,
      "export default all;",
      ...names.sort().map((name) => `var _${name} = all.${name}; export { _${name} as ${name} };`),
    ].join("\n");
  }

  /** `export *` leaves out the default export, so it is named if the module has it. */
  async function reexport(specifier) {
    const probe = await build({
      absWorkingDir: here,
      stdin: {
        contents: `export * from ${JSON.stringify(specifier)}; export { default } from ${JSON.stringify(specifier)};`,
        resolveDir: here,
      },
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
      logLevel: "silent",
    }).then(
      () => true,
      () => false,
    );
    const from = JSON.stringify(specifier);
    return `export * from ${from};${probe ? `export { default } from ${from};` : ""}`;
  }
}

function fileName(specifier) {
  return specifier.replace(/^@/, "").replace(/\.js$/, "").replaceAll("/", "-");
}

/** The files that a module loads with itself, as paths below `dist`. */
function importsOf(meta, path) {
  const output = meta.outputs[`dist/${path}`];
  return (output?.imports ?? [])
    .filter((one) => one.kind === "import-statement" && !one.external)
    .map((one) => one.path.slice("dist/".length))
    .sort();
}

/** Each specifier with its version, file, integrity and exports; an alias names the specifier with the exports. */
function describe(outputs, meta) {
  const described = {};
  const targets = Object.fromEntries([...COMMON_JS, ...MODULES, ...SCRIPTS].map((one) => [one, one]));
  for (const [specifier, target] of Object.entries({ ...targets, ...ALIASES }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const path = `${fileName(target)}.js`;
    described[specifier] = {
      version: JSON.parse(readFileSync(join(folderOf(target), "package.json"), "utf8")).version,
      url: path,
      integrity: outputs.get(path).integrity,
      ...(specifier === target
        ? { exports: meta.outputs[`dist/${path}`].exports.sort() }
        : { sameAs: target }),
    };
  }
  return described;
}

function folderOf(specifier) {
  const parts = specifier.split("/");
  return join(here, "node_modules", ...parts.slice(0, specifier.startsWith("@") ? 2 : 1));
}

/** The licences of every package with code in the set. */
function notices(meta) {
  const folders = new Set();
  for (const input of Object.keys(meta.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) folders.add(found[1]);
  }
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
      const file = readdirSync(join(here, folder)).find((one) => /^(licen[cs]e|copying)/i.test(one));
      if (!license && !file) throw new Error(`${name} names no licence`);
      const text = file ? readFileSync(join(here, folder, file), "utf8").trim() : `Licence: ${license}`;
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The server's content id: `z` and the SHA-256 in base58. */
function contentId(text) {
  const hash = createHash("sha256").update(text).digest();
  let digits = "";
  for (let rest = BigInt(`0x${hash.toString("hex")}`); rest > 0n; rest /= 58n)
    digits = DIGITS[Number(rest % 58n)] + digits;
  for (const byte of hash) {
    if (byte !== 0) break;
    digits = `1${digits}`;
  }
  return `z${digits}`;
}

function write() {
  rmSync(dist, { recursive: true, force: true });
  let bytes = 0;
  for (const [path, { content }] of files) {
    const target = join(dist, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    bytes += content.length;
    if (path.endsWith(".js")) {
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: 10,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      };
      writeFileSync(`${target}.br`, brotliCompressSync(content, { params }));
    }
  }
  const listed = Object.fromEntries(
    [...files].map(([path, { integrity, imports }]) => [path, { integrity, imports }]),
  );
  // The build is complete when this file exists.
  writeFileSync(join(dist, "index.json"), `${JSON.stringify({ set, packages, files: listed })}\n`);
  if (!existsSync(join(dist, "react.js"))) throw new Error("the set has no React");
  process.stdout.write(`${files.size} files, ${Math.round(bytes / 1024)} KiB, set ${set}\n`);
}
