// Runs Hocuspocus with its defaults and its database extension, which keeps each document in a separate file. Hocuspocus stores a
// document two seconds after an edit, at the latest after ten seconds. It confirms the edit to the writer before that.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Database } from "@hocuspocus/extension-database";
import { Server } from "@hocuspocus/server";

const [, , dataDirectory] = process.argv;
const fileOf = (name) => join(dataDirectory, createHash("sha256").update(name).digest("hex"));
const server = new Server({
  address: "127.0.0.1",
  port: 0,
  quiet: true,
  extensions: [
    new Database({
      fetch: ({ documentName }) => readFile(fileOf(documentName)).catch(() => null),
      store: ({ documentName, state }) => writeFile(fileOf(documentName), state),
    }),
  ],
  async onListen({ port }) {
    console.log(`listening ${port}`);
  },
});
await server.listen();
// The load generator requests a garbage collection by this signal before it reads the memory. For a JVM it uses jcmd.
process.on("SIGUSR2", () => {
  globalThis.gc();
  console.log(`heap ${process.memoryUsage().heapUsed}`);
});
