// The server refuses a change of a client that writes several documents. Its other documents continue to
// sync, it does not send the refused change again, and it still receives changes of that document. The
// second argument is the size of the refused change in bytes, the third how many seconds to count bytes.
import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { client, connected, report, scenario, until, url } from "../lib/clients.mjs"
import { meteringProxy } from "../lib/meter.mjs"

const LARGE = Number(process.argv[3])
const WATCH_SECONDS = Number(process.argv[4] ?? 0)

scenario(async () => {
  const proxy = await meteringProxy(url)
  const ada = client("ada", { url: proxy.url })
  const bob = client("bob")
  await connected(ada.repo, bob.repo)
  const shared = ada.repo.create({ words: [] })
  const refusedDocument = ada.repo.create({ words: [] })
  const sharedAtBob = await bob.repo.find(shared.url)
  const refusedDocumentAtBob = await bob.repo.find(refusedDocument.url)
  const savedHeads = []
  refusedDocument.on("remote-heads", ({ heads }) => savedHeads.push(JSON.stringify(heads)))
  const sent = handle => proxy.fromClient[handle.documentId].bytes

  // First a document that the server has already.
  refusedDocument.change(doc => (doc.blob = new Uint8Array(randomBytes(LARGE))))
  const refusedHeads = JSON.stringify(refusedDocument.heads())
  await until("ada receives the error", () => proxy.errors.length === 1)
  assert.equal(proxy.errors[0].documentId, refusedDocument.documentId)
  assert.match(proxy.errors[0].message, /^\[AD3\] /)
  const afterRefusal = sent(refusedDocument)
  assert.ok(afterRefusal > LARGE)

  // Ada continues to write both documents; each edit reaches the server before the next edit.
  for (let i = 0; i < 5; i++) {
    const before = proxy.fromClient[refusedDocument.documentId].messages
    refusedDocument.change(doc => doc.words.push(`after ${i}`))
    await until("the edit is sent", () => proxy.fromClient[refusedDocument.documentId].messages > before)
    shared.change(doc => doc.words.push(i))
    await until("bob has the other document", () => sharedAtBob.doc().words.length === i + 1)
    refusedDocumentAtBob.change(doc => doc.words.push(`bob ${i}`))
    await until("ada has bob's edit", () => refusedDocument.doc().words.includes(`bob ${i}`))
  }
  await new Promise(resolve => setTimeout(resolve, WATCH_SECONDS * 1_000))
  const resent = sent(refusedDocument) - afterRefusal
  report("sent", { refused: LARGE, afterwards: resent, watchedSeconds: WATCH_SECONDS })
  assert.ok(resent < 10_000, `${resent} bytes after the refusal`)
  assert.equal(proxy.joins, 1, "the connection stays")
  assert.equal(proxy.errors.length, 1, "a change that follows a refused change causes no further error")
  assert.deepEqual(refusedDocumentAtBob.doc().words, [0, 1, 2, 3, 4].map(i => `bob ${i}`))
  assert.ok(!savedHeads.includes(refusedHeads) && !savedHeads.includes(JSON.stringify(refusedDocument.heads())), "a refused change was reported as saved")

  // Then a document that the server does not have: after the error it sends nothing about it.
  const unknownDocument = ada.repo.create({ blob: new Uint8Array(randomBytes(LARGE)) })
  await until("ada receives the error", () => proxy.errors.length === 2)
  assert.equal(proxy.errors[1].documentId, unknownDocument.documentId)
  const messagesFromServer = proxy.fromServer[unknownDocument.documentId].messages
  const afterFirstRefusal = sent(unknownDocument)
  for (let i = 0; i < 3; i++) {
    const before = proxy.fromClient[unknownDocument.documentId].messages
    unknownDocument.change(doc => (doc.after = i))
    await until("the edit is sent", () => proxy.fromClient[unknownDocument.documentId].messages > before)
  }
  shared.change(doc => doc.words.push("still"))
  await until("bob has the edit", () => sharedAtBob.doc().words.includes("still"))
  assert.equal(proxy.fromServer[unknownDocument.documentId].messages, messagesFromServer, "a message about the document would make the client send everything again")
  assert.ok(sent(unknownDocument) - afterFirstRefusal < 5_000, `${sent(unknownDocument) - afterFirstRefusal} bytes after the refusal`)

  // A new connection costs each document one resend and one error.
  const before = [refusedDocument, unknownDocument].map(sent)
  ada.adapter.socket.close()
  await until("ada receives both errors again", () => proxy.errors.length === 4)
  shared.change(doc => doc.words.push("again"))
  await until("bob has the edit", () => sharedAtBob.doc().words.includes("again"))
  ;[refusedDocument, unknownDocument].forEach((handle, i) => {
    const again = sent(handle) - before[i]
    assert.ok(again > LARGE && again < 1.5 * LARGE, `${again} bytes`)
  })
  assert.equal(proxy.joins, 2)
  assert.equal(proxy.errors.length, 4)
})
