// Runs after `vite build`: strips the WebAssembly, writes the service worker with its list of files, and a compressed copy (.br, .gz) of every
// text file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { stripWasm } from "./strip-wasm.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "..", "dist");
const COMPRESSED = /\.(html|js|css|svg|json|wasm|webmanifest)$/;
const WORTH_BYTES = 512;
// Inter and the other fonts are split by script. Only Latin is fetched ahead; a page fetches other scripts when it
// first needs them. The same holds for the pictures of the front page.
const LATER = /-(cyrillic|cyrillic-ext|greek|greek-ext|vietnamese|latin-ext)-|\.png$/;
// The frame of an app loads its script from the server: the service worker does not control a frame with an opaque origin.
const FRAME = /^run\//;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
  .filter((name) => !name.startsWith(".vite") && name !== "sw.js" && !/\.(br|gz)$/.test(name))
  .sort();

for (const name of files.filter((each) => each.endsWith(".wasm"))) {
  const path = join(dist, name);
  writeFileSync(path, stripWasm(readFileSync(path)));
}

const hash = createHash("sha256");
for (const name of files) hash.update(name).update(readFileSync(join(dist, name)));
const kept = [
  "/",
  ...files
    .filter((name) => name !== "index.html" && !LATER.test(name) && !FRAME.test(name))
    .map((name) => `/${name}`),
];
const worker = readFileSync(join(here, "sw.js"), "utf8")
  .replace("__VERSION__", `parlor-${hash.digest("hex").slice(0, 16)}`)
  .replace("__FILES__", JSON.stringify(kept));
writeFileSync(join(dist, "sw.js"), worker);
rmSync(join(dist, ".vite"), { recursive: true, force: true });

let before = 0;
let after = 0;
for (const name of [...files, "sw.js"]) {
  const path = join(dist, name);
  const bytes = readFileSync(path);
  if (!COMPRESSED.test(name) || bytes.length < WORTH_BYTES) continue;
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  before += bytes.length;
  after += brotli.length;
}
process.stdout.write(
  `${files.length} files; ${kept.length} kept for offline; ${kib(before)} become ${kib(after)} as .br\n`,
);

function kib(bytes) {
  return `${Math.round(bytes / 1024)} KiB`;
}
