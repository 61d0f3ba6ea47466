// A proxy between one client and the server. It forwards all messages and counts them by document.
import { cbor } from "@automerge/automerge-repo"
import { WebSocket, WebSocketServer } from "ws"

/**
 * Starts the proxy. `fromClient` and `fromServer` map each document to {messages, bytes}. `errors` has
 * the server's error messages and `closes` its close codes. `joins` counts the connections that sent a
 * join. Others are not counted, since on a slow machine the adapter opens a second connection early.
 */
export async function meteringProxy(serverUrl) {
  const meter = { joins: 0, errors: [], closes: [], fromClient: {}, fromServer: {} }
  const count = (side, bytes) => {
    const { type, documentId } = cbor.decode(bytes)
    if (type === "join") meter.joins += 1
    if (type === "error") meter.errors.push(cbor.decode(bytes))
    if (type === "error" || documentId === undefined) return
    side[documentId] ??= { messages: 0, bytes: 0 }
    side[documentId].messages += 1
    side[documentId].bytes += bytes.length
  }
  const proxy = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  await new Promise(resolve => proxy.on("listening", resolve))
  proxy.on("connection", client => {
    const upstream = new WebSocket(serverUrl)
    const queued = []
    client.on("message", bytes => {
      count(meter.fromClient, bytes)
      if (upstream.readyState === WebSocket.OPEN) upstream.send(bytes)
      else queued.push(bytes)
    })
    upstream.on("open", () => queued.forEach(bytes => upstream.send(bytes)))
    upstream.on("message", bytes => {
      count(meter.fromServer, bytes)
      client.send(bytes)
    })
    client.on("close", () => upstream.close())
    upstream.on("close", code => {
      meter.closes.push(code)
      client.close()
    })
  })
  meter.url = `ws://127.0.0.1:${proxy.address().port}`
  return meter
}
