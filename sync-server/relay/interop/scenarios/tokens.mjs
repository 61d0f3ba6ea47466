// An app with its own accounts: its backend signs tokens, and unmodified clients connect with them.
// Arguments: the sync address, and the file of the backend's private key.
import assert from "node:assert/strict"
import { Repo } from "@automerge/automerge-repo"
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket"
import { WebSocket } from "ws"
import { backend } from "../lib/backend.mjs"
import { client, connected, report, scenario, until, url } from "../lib/clients.mjs"

scenario(async () => {
  const users = { ada: { create: true }, ben: {}, eve: {}, mallory: { create: true }, root: { documents: { "*": "read" } } }
  const { tokenOf } = await backend(process.argv[3], users)
  const connect = async (user, peerId = user, path = token => `${url}/a/${token}`) => {
    const joined = client(peerId, { url: path(await tokenOf({ user })) })
    await connected(joined.repo)
    return joined
  }
  const find = async (joined, document) => (await joined.repo.find(document)).doc()

  // Ada may create documents, and owns what she creates, also with a later token.
  const ada = await connect("ada")
  const handle = ada.repo.create({ text: "by Ada" })
  const document = handle.url
  const again = await connect("ada", "ada-2", token => `${url}?access_token=${token}`)
  await until("Ada's second device has the document", async () => {
    const found = await find(again, document).catch(() => undefined)
    return found?.text === "by Ada"
  })
  const second = await again.repo.find(document)
  second.change(doc => {
    doc.text = "by Ada's second device"
  })
  await until("the first device has the change", () => handle.doc().text === "by Ada's second device")

  // Ben may write after the app gives him the document; Eve may read it; Mallory gets nothing.
  users.ben = { documents: { [document]: "write" } }
  users.eve = { documents: { [document.replace("automerge:", "")]: "read" } }
  const [ben, eve, mallory, root] = await Promise.all(["ben", "eve", "mallory", "root"].map(user => connect(user)))
  const bens = await ben.repo.find(document)
  const eves = await eve.repo.find(document)
  assert.equal((await find(root, document)).text, "by Ada's second device")
  await assert.rejects(mallory.repo.find(document), /unavailable/)

  bens.change(doc => {
    doc.text = "by Ben"
  })
  await until("Ada and Eve have Ben's change", () => [handle, eves].every(each => each.doc().text === "by Ben"))

  // The reader's change is refused, and its connection continues.
  eves.change(doc => {
    doc.stolen = true
  })
  bens.change(doc => {
    doc.more = 1
  })
  await until("Eve has a later change", () => eves.doc().more === 1)
  await until("Ada has a later change", () => handle.doc().more === 1)
  assert.equal(handle.doc().stolen, undefined)
  assert.equal(bens.doc().stolen, undefined)

  // Mallory has a copy of the document, and cannot write it under the same id.
  mallory.repo.import(await handle.doc() && (await ada.repo.export(document)), {
    docId: document.replace("automerge:", ""),
  })
  const copy = await mallory.repo.find(document)
  copy.change(doc => {
    doc.stolen = true
  })
  const own = mallory.repo.create({ text: "by Mallory" })
  users.ben = { documents: { [document]: "write", [own.url]: "read" } }
  const ben2 = await connect("ben", "ben-2")
  await until("Mallory's own document is on the server", async () => {
    const found = await find(ben2, own.url).catch(() => undefined)
    return found?.text === "by Mallory"
  })
  assert.equal(handle.doc().stolen, undefined)

  // The token of Ada's third device expires, and the app connects with another one.
  const newAdapter = async seconds =>
    new WebSocketClientAdapter(`${url}/a/${await tokenOf({ user: "ada", seconds })}`, 100)
  const repo = new Repo({ network: [], peerId: "ada-3" })
  let adapters = 0
  const use = adapter => {
    adapters += 1
    const onClose = adapter.onClose
    adapter.onClose = event => {
      if (event.code !== 4002) return onClose(event)
      repo.networkSubsystem.removeNetworkAdapter(adapter)
      newAdapter(600).then(use)
    }
    repo.networkSubsystem.addNetworkAdapter(adapter)
  }
  // With the allowed difference of clocks, this token is valid for another two seconds.
  use(await newAdapter(-58))
  await until("the app has connected again", () => adapters === 2 && repo.peers.length > 0)
  const third = await repo.find(document)
  third.change(doc => {
    doc.third = true
  })
  await until("the change has arrived", () => handle.doc().third === true)

  // Tokens that are no tokens, and an expired token.
  const closed = address =>
    new Promise(resolve => {
      const socket = new WebSocket(address)
      socket.on("unexpected-response", (_, response) => resolve(response.statusCode))
      socket.on("close", (code, reason) => resolve(`${code} ${reason}`))
      socket.on("error", () => {})
    })
  const token = await tokenOf({ user: "ada" })
  assert.equal(await closed(url), 401)
  assert.equal(await closed(`${url}/a/guess`), 401)
  assert.equal(await closed(`${url}/a/${token.slice(0, -8)}AAAAAAAA`), 401)
  const expired = await tokenOf({ user: "ada", seconds: -61 })
  assert.match(await closed(`${url}/a/${expired}`), /^4002 \[TK4] the token has expired/)
  report("token", token)
})
