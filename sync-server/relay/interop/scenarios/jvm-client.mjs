// An unmodified client works with the JVM client in one document. Arguments: the server's URL and the
// document's URL, which the JVM client has created. The test kills the server between "offline" and "online".
import assert from "node:assert/strict"
import { client, connected, awaitTest, report, scenario, until } from "../lib/clients.mjs"

process.on("uncaughtException", error => {
  // The adapter does not catch the error of a socket whose server was killed.
  if (!["ECONNRESET", "EPIPE", "ECONNREFUSED"].includes(error.code)) throw error
})

scenario(async () => {
  const js = client("js")
  await connected(js.repo)
  const handle = await js.repo.find(process.argv[3])
  assert.equal(handle.doc().title, "from the JVM")
  const received = []
  handle.on("ephemeral-message", ({ message }) => received.push(message))
  handle.change(doc => doc.list.push("js online"))
  report("online")
  await until("an ephemeral message of the JVM client", () => received.length > 0)
  assert.deepEqual(received[0], { cursor: 3 })
  handle.broadcast({ cursor: 4 })
  await until("the online change of the JVM client", () => handle.doc().list.length === 2)
  report("ready")
  await awaitTest()
  await until("the socket is closed", () => js.adapter.socket?.readyState !== 1)
  handle.change(doc => doc.list.push("js offline"))
  report("offline")
  await until("both offline changes", () => handle.doc().list.length === 4)
  report("document", handle.doc())
})
