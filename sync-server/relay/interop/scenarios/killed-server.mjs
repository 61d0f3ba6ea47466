// Clients keep writing while the server is killed repeatedly. Each client prints its newest edit that
// the server has acknowledged, as `acknowledged {documentId, path, count}`: the heads of a `remote-heads` event
// cover that edit. The server forwards the edits of other clients before they are on
// the disk, so heads promise a client nothing about those edits [DU1].
import { client, connected, awaitTest, report, scenario, until } from "../lib/clients.mjs"

const CLIENTS = 4
const EDIT_MILLIS = 15

// The adapter does not catch the error of a socket if its server is killed during the handshake, or if
// the adapter has replaced the socket. In both cases it reconnects, and a browser would only log the error.
const DISCONNECTS = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED"])
process.on("uncaughtException", error => {
  if (!DISCONNECTS.has(error.code)) throw error
})

scenario(async () => {
  const repos = Array.from({ length: CLIENTS }, (_, i) => client(`writer-${i}`).repo)
  await connected(...repos)
  const listen = (handle, path) => {
    handle.on("remote-heads", ({ heads }) => {
      const count = path.reduce((value, key) => value?.[key], handle.view(heads).doc())
      if (count) report("acknowledged", { documentId: handle.documentId, path, count })
    })
    return handle
  }
  const shared = listen(repos[0].create({ edits: {} }), ["edits", "writer-0"])
  const handles = [shared]
  for (const [i, repo] of repos.entries()) {
    if (i > 0) handles.push(listen(await repo.find(shared.url), ["edits", `writer-${i}`]))
  }
  const own = repos.map(repo => listen(repo.create({ count: 0 }), ["count"]))

  let running = true
  let count = 0
  const edit = () => {
    if (!running) return
    count += 1
    const i = count % CLIENTS
    own[i].change(doc => (doc.count = count))
    if (count % 3 === 0) handles[i].change(doc => (doc.edits[`writer-${i}`] = count))
    setTimeout(edit, EDIT_MILLIS)
  }
  edit()
  report("writing")

  await awaitTest()
  running = false
  const headsAreEqual = () => {
    const all = handles.map(handle => JSON.stringify(handle.heads()))
    return all.every(heads => heads === all[0])
  }
  await until("the clients agree after the last restart", headsAreEqual)
  report("agreed", count)
  await awaitTest()
})
