// A line between one client and the server that passes everything on and counts it, by document.
import { cbor } from "@automerge/automerge-repo"
import { WebSocket, WebSocketServer } from "ws"

/**
 * Starts the line. `fromClient` and `fromServer` are maps of document to {messages, bytes}; `errors`
 * are the server's error messages; `closes` are the codes with which it closed; `joins` counts the
 * connections that came to a join: on a slow machine the adapter dials again before one has opened.
 */
export async function meter(server) {
  const line = { joins: 0, errors: [], closes: [], fromClient: {}, fromServer: {} }
  const count = (side, bytes) => {
    const { type, documentId } = cbor.decode(bytes)
    if (type === "join") line.joins += 1
    if (type === "error") line.errors.push(cbor.decode(bytes))
    if (type === "error" || documentId === undefined) return
    side[documentId] ??= { messages: 0, bytes: 0 }
    side[documentId].messages += 1
    side[documentId].bytes += bytes.length
  }
  const proxy = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  await new Promise(resolve => proxy.on("listening", resolve))
  proxy.on("connection", near => {
    const far = new WebSocket(server)
    const waiting = []
    near.on("message", bytes => {
      count(line.fromClient, bytes)
      if (far.readyState === WebSocket.OPEN) far.send(bytes)
      else waiting.push(bytes)
    })
    far.on("open", () => waiting.forEach(bytes => far.send(bytes)))
    far.on("message", bytes => {
      count(line.fromServer, bytes)
      near.send(bytes)
    })
    near.on("close", () => far.close())
    far.on("close", code => {
      line.closes.push(code)
      near.close()
    })
  })
  line.url = `ws://127.0.0.1:${proxy.address().port}`
  return line
}
