import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/**
 * The browser loads Automerge's WASM as one hashed file beside the scripts, so that no script needs `eval` and no
 * request leaves the origin. A package that imports the self-initialising entry is redirected to the same slim module;
 * src/room/wasm.ts initialises it once. Under vitest the Node entry initialises itself.
 */
const slim = process.env.VITEST
  ? []
  : [
      { find: /^@automerge\/automerge$/, replacement: "@automerge/automerge/slim" },
      { find: /^@automerge\/automerge-repo$/, replacement: "@automerge/automerge-repo/slim" },
    ];

const server = process.env.PARLOR_DEV_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: slim },
  build: {
    target: "es2023",
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": server,
      "/sync": { target: server.replace(/^http/, "ws"), ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    setupFiles: [fileURLToPath(new URL("./src/testing/setup.ts", import.meta.url))],
  },
});
