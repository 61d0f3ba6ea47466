// An app whose backend decides about each document while the clients are connected.
// Arguments: "later" (the server's address comes on stdin), the file of the backend's private key, and the token for its
// orders.
import assert from "node:assert/strict"
import { backend } from "../lib/backend.mjs"
import { awaitTest, client, connected, report, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const users = { ada: {}, ben: {}, carl: {}, dora: {}, eve: {} }
  const permissions = { ada: { permission: "own" }, ben: { permission: "write" } }
  const questions = []
  const { address, tokenOf, server } = await backend(process.argv[3], users, question => {
    questions.push(question)
    return permissions[question.subject] ?? { permission: "none" }
  })
  report("backend", address)
  const base = await awaitTest()

  const connect = async user => {
    const joined = client(user, { url: `ws://${base}/sync/a/${await tokenOf({ user })}` })
    joined.closes = []
    const onClose = joined.adapter.onClose
    joined.adapter.onClose = event => {
      joined.closes.push(event.code)
      onClose(event)
    }
    return joined
  }
  const askAgain = async subject => {
    // As through a proxy: the order comes from another machine than the relay's.
    const headers = { Authorization: `Bearer ${process.argv[4]}`, "X-Forwarded-For": "192.0.2.1" }
    const response = await fetch(`http://${base}/api/admin/access/${subject}`, { method: "POST", headers })
    assert.equal(response.status, 202)
  }

  // The backend lets Ada create a document and Ben write it; Eve gets nothing.
  const ada = await connect("ada")
  await connected(ada.repo)
  const handle = ada.repo.create({ text: "by Ada" })
  const documentId = handle.url.replace("automerge:", "")
  const ben = await connect("ben")
  await connected(ben.repo)
  await until("the document is on the server", () => questions.some(question => question.wish === "write"))
  assert.deepEqual(questions[0], { subject: "ada", document: documentId, wish: "write", exists: false })
  const bens = await ben.repo.find(handle.url)
  assert.equal(bens.doc().text, "by Ada")
  const eve = await connect("eve")
  await connected(eve.repo)
  await assert.rejects(eve.repo.find(handle.url), /unavailable/)

  // The app takes Ben's permission: the order of its backend acts on his open connection at once.
  permissions.ben = { permission: "none" }
  const start = Date.now()
  await askAgain("ben")
  await until("Ben's connection is closed", () => ben.closes.length > 0)
  assert.ok(Date.now() - start < 2_000, "revocation acts within 2 s")
  assert.equal(ben.closes[0], 4001)
  await connected(ben.repo)
  bens.change(doc => {
    doc.tooLate = true
  })

  // An answer for one second is asked for again without an order.
  permissions.carl = { permission: "read", seconds: 1 }
  const carl = await connect("carl")
  await connected(carl.repo)
  const carls = await carl.repo.find(handle.url)
  assert.equal(carls.doc().text, "by Ada")
  permissions.carl = { permission: "none" }
  await until("Carl's connection is closed", () => carl.closes.includes(4001))

  // While the backend is away, no new person comes in, and no person is refused for good.
  const { port } = server.address()
  const dora = await connect("dora")
  await connected(dora.repo)
  permissions.dora = { permission: "read" }
  await new Promise(resolve => {
    server.close(resolve)
    server.closeAllConnections()
  })
  const search = dora.repo.findWithProgress(handle.url)
  await until("Dora's connection is closed", () => dora.closes.length > 0)
  assert.equal(dora.closes[0], 1013)
  handle.change(doc => {
    doc.text = "by Ada, without the backend"
  })
  await new Promise(resolve => server.listen(port, "127.0.0.1", resolve))
  await until(
    "Dora has the document",
    () => search.handle?.isReady?.() && search.handle.doc().text === "by Ada, without the backend",
  )
  assert.equal(handle.doc().tooLate, undefined)
})
