// The reference relay: the same few lines as automerge-repo's sync server (0.2.8), with current versions of automerge-repo and
// Automerge. The published package still pins Automerge 2.2, so a comparison with it would be less fair.
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
// The adapter accepts connections only after the repo has read its storage id; it ignores a client that connects earlier.
const ready = setInterval(() => {
  if (sockets.listenerCount("connection") > 0 && sockets.address() !== null) {
    clearInterval(ready);
    console.log(`listening ${sockets.address().port}`);
  }
}, 10);
process.on("SIGTERM", () => process.exit(0));
// The load generator requests a garbage collection by this signal before it reads the memory. For a JVM it uses jcmd.
process.on("SIGUSR2", () => {
  globalThis.gc();
  console.log(`heap ${process.memoryUsage().heapUsed}`);
});
