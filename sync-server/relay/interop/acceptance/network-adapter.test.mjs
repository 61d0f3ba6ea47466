// Runs automerge-repo's own suite for network adapters against a relay: three clients of one server.
import "@automerge/automerge-repo" // loads Automerge itself, which the suite does not
import { runNetworkAdapterTests } from "@automerge/automerge-repo/helpers/tests/network-adapter-tests.js"
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket"

const url = process.env.RELAY_URL

runNetworkAdapterTests(async () => {
  const adapters = [1, 2, 3].map(() => new WebSocketClientAdapter(url, 100))
  const teardown = () => {
    for (const adapter of adapters) {
      if (adapter.socket) adapter.disconnect()
    }
  }
  return { adapters, teardown }
}, "relay")
