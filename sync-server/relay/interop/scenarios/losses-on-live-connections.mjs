// A proxy drops sync messages while every connection stays open. No client reconnects.
import assert from "node:assert/strict"
import { cbor } from "@automerge/automerge-repo"
import { WebSocket, WebSocketServer } from "ws"
import { client, connected, scenario, until, url } from "../lib/clients.mjs"

/** Starts a proxy between one client and the server. It drops the next `fromClient` or `fromServer` sync messages. */
async function lossyProxy() {
  const losses = { fromClient: 0, fromServer: 0, lost: 0, connections: 0 }
  const proxy = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  await new Promise(resolve => proxy.on("listening", resolve))
  proxy.on("connection", downstream => {
    losses.connections += 1
    const upstream = new WebSocket(url)
    const queued = []
    const passes = (bytes, side) => {
      if (losses[side] === 0 || cbor.decode(bytes).type !== "sync") return true
      losses[side] -= 1
      losses.lost += 1
      return false
    }
    downstream.on("message", bytes => {
      if (!passes(bytes, "fromClient")) return
      if (upstream.readyState === WebSocket.OPEN) upstream.send(bytes)
      else queued.push(bytes)
    })
    upstream.on("open", () => queued.forEach(bytes => upstream.send(bytes)))
    upstream.on("message", bytes => passes(bytes, "fromServer") && downstream.send(bytes))
    downstream.on("close", () => upstream.close())
    upstream.on("close", () => downstream.close())
  })
  losses.url = `ws://127.0.0.1:${proxy.address().port}`
  return losses
}

scenario(async () => {
  const toAda = await lossyProxy()
  const toBob = await lossyProxy()
  const toCarol = await lossyProxy()
  const ada = client("ada", { url: toAda.url })
  const bob = client("bob", { url: toBob.url })
  await connected(ada.repo, bob.repo)
  const adasHandle = ada.repo.create({ list: [] })
  const bobsHandle = await bob.repo.find(adasHandle.url)
  const headsAreEqual = () => JSON.stringify(adasHandle.heads()) === JSON.stringify(bobsHandle.heads())
  await until("both agree", headsAreEqual)

  // A message to a client is lost, and no client sends anything afterwards.
  toBob.fromServer = 1
  adasHandle.change(doc => doc.list.push("lost on the way to bob"))
  await until("the message is lost", () => toBob.lost === 1)
  await until("bob has the change", () => bobsHandle.doc().list.length === 1)

  // A message of a client is lost. Ada's next message shows that she has a change that the server
  // lacks. When the server requests it, she does not send it again, since she considers it sent.
  toAda.fromClient = 1
  adasHandle.change(doc => doc.list.push("lost on the way from ada"))
  await until("the message is lost", () => toAda.lost === 1)
  bobsHandle.change(doc => (doc.word = "of bob"))
  await until("ada has bob's change", () => adasHandle.doc().word !== undefined)
  await until("bob has ada's change", () => bobsHandle.doc().list.length === 2)

  // The answer to a client without the document is lost.
  const carol = client("carol", { url: toCarol.url })
  await connected(carol.repo)
  toCarol.fromServer = 1
  const found = await carol.repo.find(adasHandle.url)
  assert.equal(toCarol.lost, 1)
  assert.equal(found.doc().list.length, 2)

  await until("both agree at the end", headsAreEqual)
  for (const losses of [toAda, toBob, toCarol]) assert.equal(losses.connections, 1, "the connection stayed open")
})
