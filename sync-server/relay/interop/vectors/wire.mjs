// Writes docs/vectors/wire.json: every wire message as automerge-repo's own encoder encodes it.
import { cbor } from "@automerge/automerge-repo/slim"
import { writeFileSync } from "node:fs"

const documentId = "4NMNnkMhL8jXrdJ9jamS58PAVdXu"
const data = new Uint8Array([0x42, 0, 0, 1, 0, 0, 0])
const direct = { senderId: "ada", targetId: "server" }
const messages = {
  join: {
    type: "join",
    senderId: "ada",
    peerMetadata: { storageId: undefined, isEphemeral: true },
    supportedProtocolVersions: ["1"],
  },
  joinWithStorage: {
    type: "join",
    senderId: "ada",
    peerMetadata: { storageId: "3760df37-a4c6-4f66-9ecd-732039a9385d", isEphemeral: false },
    supportedProtocolVersions: ["1"],
  },
  peer: {
    type: "peer",
    senderId: "server",
    peerMetadata: { storageId: "3760df37-a4c6-4f66-9ecd-732039a9385d", isEphemeral: false },
    selectedProtocolVersion: "1",
    targetId: "ada",
  },
  error: { type: "error", senderId: "server", message: "unsupported protocol version", targetId: "ada" },
  request: { type: "request", ...direct, documentId, data },
  sync: { type: "sync", ...direct, documentId, data: new Uint8Array(300).fill(7) },
  docUnavailable: { type: "doc-unavailable", ...direct, documentId },
  ephemeral: { type: "ephemeral", ...direct, documentId, sessionId: "8xk2", count: 70_000, data: new Uint8Array(cbor.encode({ x: 1.5 })) },
  ephemeralWithBigCount: { type: "ephemeral", ...direct, documentId, sessionId: "8xk2", count: 2 ** 40, data },
  remoteSubscriptionAdd: { type: "remote-subscription-change", ...direct, add: ["s1", "s2"], remove: undefined },
  remoteSubscriptionRemove: { type: "remote-subscription-change", ...direct, remove: ["s1"] },
  remoteHeadsChanged: {
    type: "remote-heads-changed",
    ...direct,
    documentId,
    newHeads: { s1: { heads: ["2ZqR8Qm", "9w"], timestamp: 1_760_000_000_000 } },
  },
  leave: { type: "leave", senderId: "ada" },
  unknown: { type: "from-the-future", ...direct, nested: { list: [1, -1, 2.5, null, true, "x", new Uint8Array(3)] } },
}

const vectors = Object.entries(messages).map(([name, message]) => ({
  name,
  message: JSON.parse(JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? hex(value) : value))),
  cbor: hex(cbor.encode(message)),
}))
writeFileSync(
  new URL("../../../docs/vectors/wire.json", import.meta.url),
  `${JSON.stringify({ source: "automerge-repo 2.5.6", vectors }, null, 2)}\n`,
)

function hex(bytes) {
  return Buffer.from(bytes).toString("hex")
}
