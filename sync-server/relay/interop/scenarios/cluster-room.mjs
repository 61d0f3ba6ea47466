// Clients watch the answers in a room on a cluster, each through an address of its own. Arguments: the room's document, and
// the room's sync address for each client. It prints, as JSON after the word: here {holder}, partial {holder, request} when
// a running answer has text, ended {holder, request, epoch, status, text} when a request has its final record, and closed
// {client, code, at} when a socket was closed. A line "check" on stdin waits until all agree and prints heads {round, holder,
// document, heads} for each client, then checked.
import { decodeHeads } from "@automerge/automerge-repo"
import { awaitTest, client, report, scenario } from "../lib/clients.mjs"

const [documentId, ...urls] = process.argv.slice(2)
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

async function watch(holder, url) {
  const { repo, adapter } = client(`${holder}-${process.pid}`, { url })
  watchCloses(holder, adapter)
  let handle
  while (!handle) {
    handle = await repo.find(`automerge:${documentId}`).catch(() => undefined)
    if (!handle) await pause(100)
  }
  const printed = new Set()
  const once = (word, request, fact) => {
    if (printed.has(`${word} ${request}`)) return
    printed.add(`${word} ${request}`)
    report(word, { holder, request, ...fact })
  }
  const look = () => {
    for (const [request, result] of Object.entries(handle.doc().results ?? {})) {
      const status = result.status.toString()
      const text = (result.chunks ?? []).map(chunk => chunk.toString()).join("")
      if (status !== "running") once("ended", request, { epoch: Number(result.epoch), status, text })
      else if (text !== "") once("partial", request, {})
    }
  }
  handle.on("change", look)
  look()
  report("here", { holder })
  return { holder, handle }
}

scenario(async () => {
  const watchers = await Promise.all(urls.map((url, i) => watch(`watcher ${i}`, url)))
  for (let round = 1; ; round++) {
    if ((await awaitTest()) === "end") return
    const heads = handle => JSON.stringify(decodeHeads(handle.heads()).sort())
    const end = Date.now() + AGREE_MILLIS_MAX
    while (watchers.some(({ handle }) => heads(handle) !== heads(watchers[0].handle)) && Date.now() < end) await pause(20)
    for (const { holder, handle } of watchers) report("heads", { round, holder, document: documentId, heads: decodeHeads(handle.heads()) })
    report("checked")
  }
})
