// A change that the server refuses, by a client that writes several documents: the others go on, the
// refused one is not sent again, and the client goes on receiving its document. The second argument
// is the size of the refused change, the third how many seconds to watch what the client sends.
import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { client, say, scenario, until, url } from "../lib/clients.mjs"
import { meter } from "../lib/meter.mjs"

const LARGE = Number(process.argv[3])
const WATCH_SECONDS = Number(process.argv[4] ?? 0)

scenario(async () => {
  const line = await meter(url)
  const ada = client("ada", { url: line.url })
  const bob = client("bob")
  const shared = ada.repo.create({ words: [] })
  const spoiled = ada.repo.create({ words: [] })
  const sharedAtBob = await bob.repo.find(shared.url)
  const spoiledAtBob = await bob.repo.find(spoiled.url)
  const told = []
  spoiled.on("remote-heads", ({ heads }) => told.push(JSON.stringify(heads)))
  const sent = handle => line.fromClient[handle.documentId].bytes

  // The document that the server has.
  spoiled.change(doc => (doc.blob = new Uint8Array(randomBytes(LARGE))))
  const refusedHeads = JSON.stringify(spoiled.heads())
  await until("ada is told", () => line.errors.length === 1)
  assert.equal(line.errors[0].documentId, spoiled.documentId)
  assert.match(line.errors[0].message, /^\[AD3\] /)
  const afterRefusal = sent(spoiled)
  assert.ok(afterRefusal > LARGE)

  // She goes on writing both; each edit reaches the server before the next one.
  for (let i = 0; i < 5; i++) {
    const before = line.fromClient[spoiled.documentId].messages
    spoiled.change(doc => doc.words.push(`after ${i}`))
    await until("it is sent", () => line.fromClient[spoiled.documentId].messages > before)
    shared.change(doc => doc.words.push(i))
    await until("bob has the other document", () => sharedAtBob.doc().words.length === i + 1)
    spoiledAtBob.change(doc => doc.words.push(`bob ${i}`))
    await until("ada has bob's", () => spoiled.doc().words.includes(`bob ${i}`))
  }
  await new Promise(resolve => setTimeout(resolve, WATCH_SECONDS * 1_000))
  const resent = sent(spoiled) - afterRefusal
  say("sent", { refused: LARGE, afterwards: resent, watchedSeconds: WATCH_SECONDS })
  assert.ok(resent < 10_000, `${resent} bytes after the refusal`)
  assert.equal(line.joins, 1, "the connection stays")
  assert.equal(line.errors.length, 1, "what follows a refused change is no refusal of its own")
  assert.deepEqual(spoiledAtBob.doc().words, [0, 1, 2, 3, 4].map(i => `bob ${i}`))
  assert.ok(!told.includes(refusedHeads) && !told.includes(JSON.stringify(spoiled.heads())), "told as saved")

  // A document of which the server has nothing: not a word about it.
  const empty = ada.repo.create({ blob: new Uint8Array(randomBytes(LARGE)) })
  await until("ada is told", () => line.errors.length === 2)
  assert.equal(line.errors[1].documentId, empty.documentId)
  const said = line.fromServer[empty.documentId].messages
  const once = sent(empty)
  for (let i = 0; i < 3; i++) {
    const before = line.fromClient[empty.documentId].messages
    empty.change(doc => (doc.after = i))
    await until("it is sent", () => line.fromClient[empty.documentId].messages > before)
  }
  shared.change(doc => doc.words.push("still"))
  await until("bob has it", () => sharedAtBob.doc().words.includes("still"))
  assert.equal(line.fromServer[empty.documentId].messages, said, "any word makes the client send all again")
  assert.ok(sent(empty) - once < 5_000, `${sent(empty) - once} bytes after the refusal`)

  // A new connection costs each document one resend and one error.
  const before = [spoiled, empty].map(sent)
  ada.adapter.socket.close()
  await until("ada is told again", () => line.errors.length === 4)
  shared.change(doc => doc.words.push("again"))
  await until("bob has it", () => sharedAtBob.doc().words.includes("again"))
  ;[spoiled, empty].forEach((handle, i) => {
    const again = sent(handle) - before[i]
    assert.ok(again > LARGE && again < 1.5 * LARGE, `${again} bytes`)
  })
  assert.equal(line.joins, 2)
  assert.equal(line.errors.length, 4)
})
