// Clients keep writing while the server is killed again and again. Each client prints which of its
// own edits the server acknowledged: `told {documentId, path, count}`, the newest edit that the heads
// of a `remote-heads` event cover. The server forwards the edits of other clients before they are on
// the disk, so heads promise a client nothing about those edits [DU1].
import { client, heard, say, scenario, until } from "../lib/clients.mjs"

const CLIENTS = 4
const EDIT_MILLIS = 15

// The adapter throws the error of a socket whose server is killed during the handshake. It has no
// listener on a socket that it gave up and that is refused afterwards. In both cases it reconnects,
// and a browser would only log the error.
const GONE = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED"])
process.on("uncaughtException", error => {
  if (!GONE.has(error.code)) throw error
})

scenario(async () => {
  const repos = Array.from({ length: CLIENTS }, (_, i) => client(`writer-${i}`).repo)
  const listen = (handle, path) => {
    handle.on("remote-heads", ({ heads }) => {
      const count = path.reduce((value, key) => value?.[key], handle.view(heads).doc())
      if (count) say("told", { documentId: handle.documentId, path, count })
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
  say("writing")

  await heard()
  running = false
  const same = () => {
    const all = handles.map(handle => JSON.stringify(handle.heads()))
    return all.every(heads => heads === all[0])
  }
  await until("the clients agree after the last restart", same)
  say("agreed", count)
  await heard()
})
