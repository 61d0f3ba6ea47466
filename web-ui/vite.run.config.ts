import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/**
 * Builds the script of the frame that runs apps: one classic script without imports, at `run/run.js`. Runs after the
 * build of the page.
 */
export default defineConfig({
  publicDir: false,
  build: {
    target: "es2023",
    outDir: "dist/run",
    emptyOutDir: false,
    sourcemap: false,
    lib: {
      entry: fileURLToPath(new URL("./src/run/run.ts", import.meta.url)),
      formats: ["iife"],
      name: "parlorRun",
      fileName: () => "run.js",
    },
  },
});
