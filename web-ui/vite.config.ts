import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { sendSoonPlugin } from "./scripts/send-soon.ts";
import { smallFontsPlugin } from "./scripts/small-fonts.ts";

/**
 * Redirects all imports of Automerge to its "slim" entry, which does not contain the WASM. The browser loads the WASM
 * as a separate hashed file from the same origin, without `eval`; src/room/wasm.ts initialises it once. Vitest uses the
 * entry for Node, which initialises itself.
 */
const slimAliases = process.env.VITEST
  ? []
  : [
      { find: /^@automerge\/automerge$/, replacement: "@automerge/automerge/slim" },
      { find: /^@automerge\/automerge-repo$/, replacement: "@automerge/automerge-repo/slim" },
    ];

const server = process.env.PARLOR_DEV_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [
    react(),
    sendSoonPlugin(),
    smallFontsPlugin(fileURLToPath(new URL("./node_modules/.parlor-fonts", import.meta.url))),
  ],
  resolve: { alias: slimAliases },
  // Scripts and styles name each other relative to themselves, so that they work below any path of a proxy. The server
  // adds this path to the URLs in the HTML.
  experimental: {
    renderBuiltUrl: (_, { hostType }) => (hostType === "html" ? undefined : { relative: true }),
  },
  build: {
    target: "es2023",
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // Files that a visit always needs together are one file: each response has about 1 kB of headers.
        codeSplitting: {
          groups: [
            { name: "page", tags: ["$initial"] },
            {
              name: "room",
              test: /[\\/](src[\\/]room|@codemirror[\\/]state)[\\/]|[\\/]panels[\\/](shared|output|composer)[\\/]\w+\.ts$/,
            },
          ],
        },
      },
    },
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
