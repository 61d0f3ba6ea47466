// A proxy loses sync messages while every connection stays open. No client reconnects.
import assert from "node:assert/strict"
import { cbor } from "@automerge/automerge-repo"
import { WebSocket, WebSocketServer } from "ws"
import { client, scenario, until, url } from "../lib/clients.mjs"

/** Starts a proxy between one client and the server that drops the given number of sync messages in a direction. */
async function between() {
  const line = { fromClient: 0, fromServer: 0, lost: 0, connections: 0 }
  const proxy = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  await new Promise(resolve => proxy.on("listening", resolve))
  proxy.on("connection", near => {
    line.connections += 1
    const far = new WebSocket(url)
    const waiting = []
    const passes = (bytes, side) => {
      if (line[side] === 0 || cbor.decode(bytes).type !== "sync") return true
      line[side] -= 1
      line.lost += 1
      return false
    }
    near.on("message", bytes => {
      if (!passes(bytes, "fromClient")) return
      if (far.readyState === WebSocket.OPEN) far.send(bytes)
      else waiting.push(bytes)
    })
    far.on("open", () => waiting.forEach(bytes => far.send(bytes)))
    far.on("message", bytes => passes(bytes, "fromServer") && near.send(bytes))
    near.on("close", () => far.close())
    far.on("close", () => near.close())
  })
  line.url = `ws://127.0.0.1:${proxy.address().port}`
  return line
}

scenario(async () => {
  const toAda = await between()
  const toBob = await between()
  const toCarol = await between()
  const ada = client("ada", { url: toAda.url })
  const bob = client("bob", { url: toBob.url })
  const written = ada.repo.create({ list: [] })
  const read = await bob.repo.find(written.url)
  const same = () => JSON.stringify(written.heads()) === JSON.stringify(read.heads())
  await until("both agree", same)

  // A message to a client is lost, and no client sends anything afterwards.
  toBob.fromServer = 1
  written.change(doc => doc.list.push("lost on the way to bob"))
  await until("it is lost", () => toBob.lost === 1)
  await until("bob has the change", () => read.doc().list.length === 1)

  // A message of a client is lost. Ada's next message shows that she has a change that the server
  // lacks. When the server requests it, she does not send it again, since she considers it sent.
  toAda.fromClient = 1
  written.change(doc => doc.list.push("lost on the way from ada"))
  await until("it is lost", () => toAda.lost === 1)
  read.change(doc => (doc.word = "of bob"))
  await until("ada has bob's change", () => written.doc().word !== undefined)
  await until("bob has ada's change", () => read.doc().list.length === 2)

  // The answer to a client without the document is lost.
  const carol = client("carol", { url: toCarol.url })
  toCarol.fromServer = 1
  const found = await carol.repo.find(written.url)
  assert.equal(toCarol.lost, 1)
  assert.equal(found.doc().list.length, 2)

  await until("both agree at the end", same)
  for (const line of [toAda, toBob, toCarol]) assert.equal(line.connections, 1, "the connection stayed open")
})
