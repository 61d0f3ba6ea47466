// Two clients edit one document and exchange ephemeral messages in both directions, before and
// after a restart of the server. The second argument is the server's storage id.
import assert from "node:assert/strict"
import { client, heard, say, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const ada = client("ada")
  const bob = client("bob")
  const written = ada.repo.create({ title: "from ada", list: [] })
  const read = await bob.repo.find(written.url)
  assert.equal(read.doc().title, "from ada")

  written.change(doc => doc.list.push("a1"))
  await until("bob has ada's change", () => read.doc().list.length === 1)
  read.change(doc => doc.list.push("b1"))
  await until("ada has bob's change", () => written.doc().list.length === 2)

  const atBob = []
  const atAda = []
  read.on("ephemeral-message", ({ message, senderId }) => atBob.push([senderId, message]))
  written.on("ephemeral-message", ({ message, senderId }) => atAda.push([senderId, message]))
  written.broadcast({ cursor: 3 })
  read.broadcast({ cursor: 4 })
  await until("ephemeral messages both ways", () => atBob.length === 1 && atAda.length === 1)
  assert.deepEqual(atBob, [["ada", { cursor: 3 }]])
  assert.deepEqual(atAda, [["bob", { cursor: 4 }]])

  await until("the server has all changes", () => saved(written) && saved(read))
  say("restart")
  // Both clients edit while they are offline.
  await until("both are offline", () => !ada.adapter.socket || ada.adapter.socket.readyState !== 1)
  written.change(doc => doc.list.push("a2"))
  read.change(doc => doc.list.push("b2"))
  say("offline")
  await heard()
  await until("both have both offline changes", () => written.doc().list.length === 4 && read.doc().list.length === 4)
  assert.deepEqual(written.doc(), read.doc())

  read.change(doc => (doc.title = "from bob"))
  await until("ada has bob's title", () => written.doc().title === "from bob")
  written.broadcast({ cursor: 5 })
  await until("bob has the ephemeral message after the restart", () => atBob.length === 2)

  // A new client gets the document from the server.
  const eve = client("eve")
  const late = await eve.repo.find(written.url)
  assert.deepEqual(late.doc(), written.doc())
  say("document", written.documentId)
})

function saved(handle) {
  const info = handle.getSyncInfo(process.argv[3] ?? "storage-of-the-test")
  return info && JSON.stringify(info.lastHeads) === JSON.stringify(handle.heads())
}
