// Clients that go on writing while the server under them is killed again and again. Each says which
// of its own edits it was told to be saved: `told {documentId, path, count}`, the newest of them that
// the heads of a `remote-heads` cover. Others' edits are fanned out before they are on the disk, so
// heads promise a client nothing about those [DU1].
import { client, heard, say, scenario, until } from "../lib/clients.mjs"

const CLIENTS = 4
const EDIT_MILLIS = 15

// The adapter throws what a socket reports when its server is killed in the middle of the
// handshake, and hears nothing of a socket that it has given up and that is refused afterwards; it
// tries again all the same, and a browser would only log it.
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
