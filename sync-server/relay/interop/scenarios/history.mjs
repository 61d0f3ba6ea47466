// A real document with a long history, one change for each keystroke. `upload` sends it to the server and waits until it
// is saved; `join` receives it as a new client. Both print the number of changes and the milliseconds.
// Usage: node history.mjs upload|join URL [DOCUMENT-URL]. The client is unmodified automerge-repo.
// The variable HISTORY_FILE names another document chunk, whose text is at the key "text".
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as A from "@automerge/automerge"
import { Repo, generateAutomergeUrl, parseAutomergeUrl } from "@automerge/automerge-repo"
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket"

const OTHER_FILE = process.env.HISTORY_FILE
const FILE = OTHER_FILE ?? fileURLToPath(new URL("../data/editing-trace-259778.automerge", import.meta.url))
const TIMEOUT_MILLIS = 300_000
const [, , mode, server, document] = process.argv
const bytes = readFileSync(FILE)
const CHANGES = OTHER_FILE ? A.getAllChanges(A.load(bytes)).length : 259_779

const sameHeads = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
const report = (fact, value) => console.log(`${fact} ${JSON.stringify(value)}`)

const adapter = new WebSocketClientAdapter(server)
const repo = new Repo({ network: [adapter], peerId: `${mode}-${process.pid}` })
let closes = 0
adapter.on("peer-disconnected", () => (closes += 1))

if (mode === "upload") {
  const url = generateAutomergeUrl()
  // The server sends the saved heads once, so the listener must be there before the changes are sent.
  await repo.networkSubsystem.whenReady()
  const begin = performance.now()
  const handle = repo.import(bytes, { docId: parseAutomergeUrl(url).documentId })
  const loaded = performance.now()
  report("prepared", { changes: CHANGES })
  await new Promise(resolve => {
    const saved = ({ heads }) => sameHeads(heads, handle.heads()) && resolve()
    handle.on("remote-heads", saved)
  })
  const end = performance.now()
  report("uploaded", { url, savedMillis: Math.round(end - loaded), loadMillis: Math.round(loaded - begin), closes })
} else {
  const expectedHeads = A.getHeads(A.load(bytes))
  await repo.networkSubsystem.whenReady()
  report("prepared", { changes: CHANGES })
  const begin = performance.now()
  const handle = await repo.find(document, { signal: AbortSignal.timeout(TIMEOUT_MILLIS) })
  const complete = () => sameHeads(A.getHeads(handle.doc()), expectedHeads)
  while (!complete()) await new Promise(resolve => setTimeout(resolve, 5))
  const end = performance.now()
  const changes = A.getAllChanges(handle.doc()).length
  const text = handle.doc().text.length
  if (changes !== CHANGES) throw new Error(`${changes} changes instead of ${CHANGES}`)
  report("joined", { millis: Math.round(end - begin), changes, text, closes })
}
process.exit(0)
