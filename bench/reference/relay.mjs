// The reference relay: what the automerge-repo sync server does, on the current automerge-repo and Automerge. Its published
// wrapper (0.2.8) still pins Automerge 2.2; the same few lines on the current engine are the fairer peer.
import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const [, , dataDirectory, port = "0"] = process.argv;
const sockets = new WebSocketServer({ host: "127.0.0.1", port: Number(port), maxPayload: 64 * 1024 * 1024 });
new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(dataDirectory),
  peerId: `storage-server-${process.pid}`,
  sharePolicy: async () => false,
});
// The adapter takes connections only once the repo has read its storage id; a client that is earlier is never heard.
const ready = setInterval(() => {
  if (sockets.listenerCount("connection") > 0 && sockets.address() !== null) {
    clearInterval(ready);
    console.log(`listening ${sockets.address().port}`);
  }
}, 10);
process.on("SIGTERM", () => process.exit(0));
// The load generator asks for a collection before it looks at the memory, as it does of the JVM.
process.on("SIGUSR2", () => {
  globalThis.gc();
  console.log(`heap ${process.memoryUsage().heapUsed}`);
});
