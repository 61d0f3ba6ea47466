// Clients keep writing to documents on a cluster while a test breaks parts of it. Arguments: the address of the proxy, the
// number of clients, the milliseconds between two changes of each client, and the address of each node.
//
// It prints, as JSON after the word:
//   told {client, document, changes, heads, node, at, millis}   heads that are saved cover these changes of the client
//   closed {client, code, node, at}                             a socket was closed
//   heads {round, holder, document, heads}                      after "check": the heads at a client or at one node
//   checked {round, agreed, made}                               all heads of the round were printed
// A line "check" on stdin stops the writing, waits until all clients and nodes agree, and prints the heads. "go" lets the
// clients write on. "end" ends the program.
import { decodeHeads } from "@automerge/automerge-repo"
import { awaitTest, client, connected, report, scenario } from "../lib/clients.mjs"

const [proxy, clients, millisBetween, ...nodes] = process.argv.slice(2)
const CLIENTS = Number(clients)
const EDIT_MILLIS = Number(millisBetween)
const AGREE_MILLIS_MAX = 90_000
const WATCH_MILLIS = 10
const VIEW_MILLIS = 300
const DISCONNECTS = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH"])

// A socket that is closed during its handshake reports an error that the adapter does not catch; then it connects again.
process.on("uncaughtException", error => {
  if (!DISCONNECTS.has(error.code) && !/before the connection was established|Unexpected server response/.test(error.message)) throw error
})

const pause = millis => new Promise(resolve => setTimeout(resolve, millis))

async function within(millis, condition) {
  const end = Date.now() + millis
  while (!(await condition())) {
    if (Date.now() > end) return false
    await pause(20)
  }
  return true
}

/** Prints the close code of each socket of a client. */
function watchCloses(name, repo, adapter) {
  let watched
  setInterval(() => {
    const socket = adapter.socket
    if (!socket || socket === watched) return
    watched = socket
    let node = "unknown"
    socket.addEventListener("message", () => (node = repo.peers[0] ?? node))
    socket.addEventListener("close", event => report("closed", { client: name, code: event.code, node, at: Date.now() }))
  }, WATCH_MILLIS).unref()
}

/** A document that one client writes its own field of, with the changes that it was not told about yet. */
function writing(name, repo, handle, field) {
  const open = []
  const written = doc => field.reduce((value, key) => value?.[key], doc) ?? 0
  const tell = (told, heads, exact) => {
    if (told.length === 0) return
    const now = Date.now()
    report("told", {
      client: name,
      document: handle.documentId,
      changes: told.map(each => each.hash),
      heads,
      node: repo.peers[0] ?? "unknown",
      at: now,
      millis: exact ? told.map(each => now - each.at) : [],
    })
  }
  let latest
  handle.on("remote-heads", event => {
    const heads = decodeHeads(event.heads)
    // A change of this client covers its earlier ones.
    const last = open.findLastIndex(each => heads.includes(each.hash))
    tell(open.splice(0, last + 1), heads, true)
    latest = event.heads
  })
  // Heads of other clients cover changes of this one too. To see which, the document is viewed at these heads, which costs
  // time that grows with its history, so the time of these acknowledgements is not measured.
  setInterval(() => {
    if (latest === undefined || open.length === 0) return
    const heads = latest
    latest = undefined
    try {
      const covered = written(handle.view(heads).doc())
      tell(open.splice(0, open.findLastIndex(each => each.count <= covered) + 1), decodeHeads(heads), false)
    } catch {
      // heads of changes that this client does not have yet
    }
  }, VIEW_MILLIS).unref()
  return count => {
    handle.change(doc => {
      const last = field.at(-1)
      field.slice(0, -1).reduce((value, key) => value[key], doc)[last] = count
    })
    open.push({ count, hash: decodeHeads(handle.heads())[0], at: Date.now() })
  }
}

scenario(async () => {
  const people = Array.from({ length: CLIENTS }, (_, i) => {
    const name = `writer-${i}`
    const { repo, adapter } = client(name, { url: proxy })
    watchCloses(name, repo, adapter)
    return { name, repo }
  })
  await connected(...people.map(person => person.repo))
  const first = people[0].repo.create({ edits: {} })
  const shared = [first]
  for (const person of people.slice(1)) {
    let handle
    await within(30_000, async () => (handle = await person.repo.find(first.url).catch(() => undefined)) !== undefined)
    if (!handle) throw new Error(`${person.name} did not find the shared document`)
    shared.push(handle)
  }
  const own = people.map(person => person.repo.create({ count: 0 }))
  const writers = people.map(({ name, repo }, i) => ({
    shared: writing(name, repo, shared[i], ["edits", name]),
    own: writing(name, repo, own[i], ["count"]),
  }))
  let running = true
  let made = 0
  const edit = i => {
    if (running) {
      made += 1
      writers[i][made % 3 === 0 ? "shared" : "own"](made)
    }
    setTimeout(() => edit(i), EDIT_MILLIS)
  }
  people.forEach((_, i) => setTimeout(() => edit(i), (i * EDIT_MILLIS) / CLIENTS))
  report("writing", { documents: [first.documentId, ...own.map(handle => handle.documentId)] })

  const heads = handle => JSON.stringify(decodeHeads(handle.heads()).sort())
  for (let round = 1; ; round++) {
    if ((await awaitTest()) === "end") return
    running = false
    let agreed = await within(AGREE_MILLIS_MAX, () => shared.every(handle => heads(handle) === heads(first)))
    const print = (holder, handle) => report("heads", { round, holder, document: handle.documentId, heads: decodeHeads(handle.heads()) })
    shared.forEach((handle, i) => print(people[i].name, handle))
    own.forEach((handle, i) => print(people[i].name, handle))
    for (const [i, url] of nodes.entries()) {
      const holder = `node ${i}`
      const { repo } = client(`reader-${round}-${i}`, { url })
      await within(AGREE_MILLIS_MAX, () => repo.peers.length > 0)
      for (const wanted of [first, ...own]) {
        let found
        const same = await within(AGREE_MILLIS_MAX, async () => {
          found ??= await repo.find(wanted.url).catch(() => undefined)
          return found !== undefined && heads(found) === heads(wanted)
        })
        agreed &&= same
        if (found) print(holder, found)
        else report("heads", { round, holder, document: wanted.documentId, heads: [] })
      }
      await repo.shutdown().catch(() => {})
    }
    report("checked", { round, agreed, made })
    if ((await awaitTest()) === "end") return
    running = true
  }
})
