// The reference relay: what the automerge-repo sync server does, on the current automerge-repo and Automerge. Its published
// wrapper (0.2.8) still pins Automerge 2.2; the same few lines on the current engine are the fairer peer.
import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const [, , dataDirectory] = process.argv;
const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload: 64 * 1024 * 1024 });
sockets.on("listening", () => console.log(`listening ${sockets.address().port}`));
new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(dataDirectory),
  peerId: `storage-server-${process.pid}`,
  sharePolicy: async () => false,
});
process.on("SIGTERM", () => process.exit(0));
