// Two clients edit one document and exchange ephemeral messages in both directions, before and
// after a restart of the server. The second argument is the server's storage id.
import assert from "node:assert/strict"
import { client, connected, awaitTest, report, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const ada = client("ada")
  const bob = client("bob")
  await connected(ada.repo, bob.repo)
  const adasHandle = ada.repo.create({ title: "from ada", list: [] })
  const bobsHandle = await bob.repo.find(adasHandle.url)
  assert.equal(bobsHandle.doc().title, "from ada")

  adasHandle.change(doc => doc.list.push("a1"))
  await until("bob has ada's change", () => bobsHandle.doc().list.length === 1)
  bobsHandle.change(doc => doc.list.push("b1"))
  await until("ada has bob's change", () => adasHandle.doc().list.length === 2)

  const atBob = []
  const atAda = []
  bobsHandle.on("ephemeral-message", ({ message, senderId }) => atBob.push([senderId, message]))
  adasHandle.on("ephemeral-message", ({ message, senderId }) => atAda.push([senderId, message]))
  adasHandle.broadcast({ cursor: 3 })
  bobsHandle.broadcast({ cursor: 4 })
  await until("ephemeral messages both ways", () => atBob.length === 1 && atAda.length === 1)
  assert.deepEqual(atBob, [["ada", { cursor: 3 }]])
  assert.deepEqual(atAda, [["bob", { cursor: 4 }]])

  await until("the server has all changes", () => saved(adasHandle) && saved(bobsHandle))
  report("restart")
  // Both clients edit while they are offline.
  await until("both are offline", () => !ada.adapter.socket || ada.adapter.socket.readyState !== 1)
  adasHandle.change(doc => doc.list.push("a2"))
  bobsHandle.change(doc => doc.list.push("b2"))
  report("offline")
  await awaitTest()
  await until("both have both offline changes", () => adasHandle.doc().list.length === 4 && bobsHandle.doc().list.length === 4)
  assert.deepEqual(adasHandle.doc(), bobsHandle.doc())

  bobsHandle.change(doc => (doc.title = "from bob"))
  await until("ada has bob's title", () => adasHandle.doc().title === "from bob")
  adasHandle.broadcast({ cursor: 5 })
  await until("bob has the ephemeral message after the restart", () => atBob.length === 2)

  // A new client gets the document from the server.
  const eve = client("eve")
  await connected(eve.repo)
  const late = await eve.repo.find(adasHandle.url)
  assert.deepEqual(late.doc(), adasHandle.doc())
  report("document", adasHandle.documentId)
})

function saved(handle) {
  const info = handle.getSyncInfo(process.argv[3] ?? "storage-of-the-test")
  return info && JSON.stringify(info.lastHeads) === JSON.stringify(handle.heads())
}
