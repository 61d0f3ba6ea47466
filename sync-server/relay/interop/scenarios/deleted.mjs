// A document is deleted while two clients have it open, and restored later. The clients are unmodified.
import assert from "node:assert/strict"
import { awaitTest, client, connected, report, scenario, until, url } from "../lib/clients.mjs"
import { meteringProxy } from "../lib/meter.mjs"

scenario(async () => {
  const proxy = await meteringProxy(url)
  const ada = client("ada", { url: proxy.url })
  const bob = client("bob")
  await connected(ada.repo, bob.repo)
  const handle = ada.repo.create({ words: ["first"] })
  const other = ada.repo.create({ words: [] })
  const atBob = await bob.repo.find(handle.url)
  const otherAtBob = await bob.repo.find(other.url)
  report("document", handle.documentId)
  await awaitTest()

  // Ada is told, and keeps her copy and her connection. Her changes reach nobody.
  await until("ada is told", () => proxy.errors.length === 1)
  assert.equal(proxy.errors[0].documentId, handle.documentId)
  assert.match(proxy.errors[0].message, /^\[DD1\] /)
  for (let i = 0; i < 3; i++) {
    const before = proxy.fromClient[handle.documentId].messages
    handle.change(doc => doc.words.push(`after ${i}`))
    await until("the edit is sent", () => proxy.fromClient[handle.documentId].messages > before)
    other.change(doc => doc.words.push(i))
    await until("bob has the other document", () => otherAtBob.doc().words.length === i + 1)
  }
  assert.deepEqual(atBob.doc().words, ["first"])
  assert.equal(handle.doc().words.length, 4)
  assert.equal(proxy.joins, 1, "the connection stays")
  assert.equal(proxy.errors.length, 1, "a later change causes no further error")

  // For a client without a copy it is unavailable.
  const eve = client("eve")
  await connected(eve.repo)
  await assert.rejects(eve.repo.find(handle.url), /unavailable/)
  report("deleted")
  await awaitTest()

  // After the restoration a new client finds it, and Ada's next connection brings her changes.
  const dan = client("dan")
  await connected(dan.repo)
  const atDan = await dan.repo.find(handle.url)
  assert.equal(atDan.doc().words[0], "first")
  ada.adapter.socket.close()
  await until("ada's changes arrive", () => atDan.doc().words.length === 4)
})
