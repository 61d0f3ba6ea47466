// Messages that something between loses while every connection stands. Nobody reconnects.
import assert from "node:assert/strict"
import { cbor } from "@automerge/automerge-repo"
import { WebSocket, WebSocketServer } from "ws"
import { client, scenario, until, url } from "../lib/clients.mjs"

/** Passes everything on between one client and the server, but for the sync messages that it is told to lose. */
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

  // Toward a client, and nobody says anything more.
  toBob.fromServer = 1
  written.change(doc => doc.list.push("lost on the way to bob"))
  await until("it is lost", () => toBob.lost === 1)
  await until("bob has it", () => read.doc().list.length === 1)

  // From a client. Ada's next word shows that she has what the server has not; asked for, she does
  // not send it again, since she believes that she has.
  toAda.fromClient = 1
  written.change(doc => doc.list.push("lost on the way from ada"))
  await until("it is lost", () => toAda.lost === 1)
  read.change(doc => (doc.word = "of bob"))
  await until("ada has bob's", () => written.doc().word !== undefined)
  await until("bob has ada's", () => read.doc().list.length === 2)

  // The answer to somebody who has nothing.
  const carol = client("carol", { url: toCarol.url })
  toCarol.fromServer = 1
  const found = await carol.repo.find(written.url)
  assert.equal(toCarol.lost, 1)
  assert.equal(found.doc().list.length, 2)

  await until("both agree at the end", same)
  for (const line of [toAda, toBob, toCarol]) assert.equal(line.connections, 1, "it stood all the time")
})
