import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "@playwright/test";
import { build } from "vite";

/*
 * Stands in for the server's paths of app previews: `/~run/` with its policy, and the packages of apps. React is the
 * real one, built into modules here.
 */

const RUN_SCRIPT = fileURLToPath(new URL("../../dist/run/run.js", import.meta.url));

/** The header of the document of a preview. */
const POLICY =
  "sandbox allow-scripts allow-forms allow-modals allow-pointer-lock allow-downloads; default-src 'none'; " +
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src data: blob:; " +
  "font-src 'self' data:; media-src data: blob:; worker-src blob:; connect-src 'none'; frame-ancestors 'self'; " +
  "form-action 'none'; base-uri 'none'";

const DOCUMENT =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>App</title>' +
  '<script src="/~run/run.js"></script></head><body></body></html>';

const PACKAGES = ["react", "react/jsx-runtime", "react-dom", "react-dom/client"];

let vendored: Promise<ReadonlyMap<string, string>> | null = null;

/** The files of the packages by their names, built once in a process. */
function packageFiles(): Promise<ReadonlyMap<string, string>> {
  vendored ??= buildPackages();
  return vendored;
}

async function buildPackages(): Promise<ReadonlyMap<string, string>> {
  const require = createRequire(import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), "parlor-packages-"));
  const input: Record<string, string> = {};
  for (const name of PACKAGES) {
    const names = Object.keys(require(name)).filter(
      (each) => /^[A-Za-z_]\w*$/.test(each) && each !== "default",
    );
    const path = require.resolve(name);
    const entry = join(folder, `${fileName(name)}.js`);
    writeFileSync(
      entry,
      `import all from ${JSON.stringify(path)};\nexport default all;\n` +
        `export const { ${names.join(", ")} } = all;\n`,
    );
    input[fileName(name)] = entry;
  }
  const output = await build({
    configFile: false,
    logLevel: "error",
    root: folder,
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input,
        preserveEntrySignatures: "strict",
        output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "chunk-[name].js" },
      },
    },
  });
  rmSync(folder, { recursive: true });
  const files = new Map<string, string>();
  for (const each of [output].flat())
    if ("output" in each)
      for (const file of each.output) if (file.type === "chunk") files.set(file.fileName, file.code);
  return files;
}

const fileName = (name: string): string => name.replaceAll("/", "-");

/** Serves previews and packages in a browser profile. Without packages, the list of packages is missing. */
export async function serveApps(context: BrowserContext, { packages = true } = {}): Promise<void> {
  const files = packages ? await packageFiles() : new Map<string, string>();
  await context.route("**/~run/", (route) =>
    route.fulfill({
      contentType: "text/html; charset=utf-8",
      headers: { "Content-Security-Policy": POLICY },
      body: DOCUMENT,
    }),
  );
  await context.route("**/~run/run.js", (route) =>
    route.fulfill({ contentType: "text/javascript; charset=utf-8", body: readFileSync(RUN_SCRIPT, "utf8") }),
  );
  await context.route("**/~~vendor~~/**", (route) => {
    const name = new URL(route.request().url()).pathname.split("/").at(-1) ?? "";
    if (packages && name === "index.json") {
      const list = PACKAGES.map((each) => [
        each,
        { url: `/~~vendor~~/test/${fileName(each)}.js`, exports: [] },
      ]);
      return route.fulfill({ json: { set: "test", packages: Object.fromEntries(list) } });
    }
    const body = files.get(name);
    return body === undefined
      ? route.fulfill({ status: 404, body: "" })
      : route.fulfill({
          contentType: "text/javascript; charset=utf-8",
          headers: { "Access-Control-Allow-Origin": "*" },
          body,
        });
  });
}
