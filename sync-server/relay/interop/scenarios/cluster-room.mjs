// Clients watch the answers in rooms on a cluster, each through an address of its own. The argument is a JSON array with
// {document, urls} for each room: its document, and its sync address for each client. It prints, as JSON after the word:
//   here {document, holder}                                        a client has the room
//   partial {document, holder, request, question}                  a running answer has more text than before
//   ended {document, holder, request, question, epoch, status, text}   a request has its final record
//   closed {client, code, at}                                      a socket was closed
//   unfinished {document, holder, request, state}                  after "check": the document shows a request without an end
//   heads {round, document, holder, heads}                         after "check": the heads at a client
//   checked                                                        after "check": all clients have printed
// A line "check" on stdin waits until all clients of each room agree and no request runs or waits, but at most 60 s.
import { decodeHeads } from "@automerge/automerge-repo"
import { awaitTest, client, report, scenario } from "../lib/clients.mjs"

const rooms = JSON.parse(process.argv[2])
const DISCONNECTS = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH"])
const AGREE_MILLIS_MAX = 60_000

process.on("uncaughtException", error => {
  if (!DISCONNECTS.has(error.code) && !/before the connection was established|Unexpected server response/.test(error.message)) throw error
})

const pause = millis => new Promise(resolve => setTimeout(resolve, millis))

function watchCloses(name, adapter) {
  let watched
  setInterval(() => {
    const socket = adapter.socket
    if (!socket || socket === watched) return
    watched = socket
    socket.addEventListener("close", event => report("closed", { client: name, code: event.code, at: Date.now() }))
  }, 10).unref()
}

const nameOf = query => /question:([\w-]+)/.exec(query)?.[1] ?? ""

/** What the document shows of requests that have not ended, by request. */
function unfinished(doc) {
  const open = {}
  for (const each of Object.values(doc.generation?.queue ?? {})) open[each.request] = each.state?.toString() ?? "waiting"
  for (const [request, result] of Object.entries(doc.results ?? {})) {
    if (result.status.toString() === "running") open[request] = "running"
  }
  const lock = doc.generation?.lock?.request?.toString()
  if (lock !== undefined && !(lock in (doc.results ?? {}))) open[lock] ??= "in the lock"
  return open
}

async function watch(documentId, room, holder, url) {
  const { repo, adapter } = client(`room-${room}-${holder}-${process.pid}`, { url })
  watchCloses(`${holder} of room ${room}`, adapter)
  let handle
  while (!handle) {
    handle = await repo.find(`automerge:${documentId}`).catch(() => undefined)
    if (!handle) await pause(100)
  }
  const lengths = new Map()
  const ended = new Set()
  const look = () => {
    for (const [request, result] of Object.entries(handle.doc().results ?? {})) {
      if (ended.has(request)) continue
      const status = result.status.toString()
      const text = (result.chunks ?? []).map(chunk => chunk.toString()).join("")
      const fact = { document: documentId, holder, request, question: nameOf(result.query?.toString() ?? "") }
      if (status !== "running") {
        ended.add(request)
        report("ended", { ...fact, epoch: Number(result.epoch), status, text })
      } else if (text.length > (lengths.get(request) ?? 0)) {
        lengths.set(request, text.length)
        report("partial", fact)
      }
    }
  }
  handle.on("change", look)
  look()
  report("here", { document: documentId, holder })
  return { documentId, holder, handle }
}

scenario(async () => {
  const watchers = await Promise.all(
    rooms.map(({ document, urls }, room) => Promise.all(urls.map((url, i) => watch(document, room, `watcher ${i}`, url)))),
  )
  const heads = ({ handle }) => JSON.stringify(decodeHeads(handle.heads()).sort())
  const settled = ofRoom =>
    ofRoom.every(each => heads(each) === heads(ofRoom[0])) && Object.keys(unfinished(ofRoom[0].handle.doc())).length === 0
  for (let round = 1; ; round++) {
    if ((await awaitTest()) === "end") return
    const end = Date.now() + AGREE_MILLIS_MAX
    while (!watchers.every(settled) && Date.now() < end) await pause(20)
    for (const { documentId, holder, handle } of watchers.flat()) {
      for (const [request, state] of Object.entries(unfinished(handle.doc()))) {
        report("unfinished", { document: documentId, holder, request, state })
      }
      report("heads", { round, document: documentId, holder, heads: decodeHeads(handle.heads()) })
    }
    report("checked")
  }
})
