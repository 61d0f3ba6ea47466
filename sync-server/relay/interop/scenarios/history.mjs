// A real document with the history of years, one change for each key: uploaded by one client, saved,
// and served cold to others, also after a restart. `node history.mjs upload|join URL [DOCUMENT-URL]`
// prints what it did and the milliseconds; the client is automerge-repo as it comes.
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as A from "@automerge/automerge"
import { Repo, generateAutomergeUrl, parseAutomergeUrl } from "@automerge/automerge-repo"
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket"

const FILE = fileURLToPath(new URL("../data/editing-trace-259778.automerge", import.meta.url))
const CHANGES = 259_779
const TIMEOUT_MILLIS = 300_000
const [, , part, server, document] = process.argv
const bytes = readFileSync(FILE)

const sameHeads = (one, other) => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort())
const say = (fact, value) => console.log(`${fact} ${JSON.stringify(value)}`)

const adapter = new WebSocketClientAdapter(server)
const repo = new Repo({ network: [adapter], peerId: `${part}-${process.pid}` })
let closes = 0
adapter.on("peer-disconnected", () => (closes += 1))

if (part === "upload") {
  const url = generateAutomergeUrl()
  // The handle is listened to before a word is sent: the saved heads come once.
  await repo.networkSubsystem.whenReady()
  const begin = performance.now()
  const handle = repo.import(bytes, { docId: parseAutomergeUrl(url).documentId })
  const loaded = performance.now()
  say("prepared", { changes: CHANGES })
  await new Promise(resolve => {
    const saved = ({ heads }) => sameHeads(heads, handle.heads()) && resolve()
    handle.on("remote-heads", saved)
  })
  const end = performance.now()
  say("uploaded", { url, savedMillis: Math.round(end - loaded), loadMillis: Math.round(loaded - begin), closes })
} else {
  const want = A.getHeads(A.load(bytes))
  await repo.networkSubsystem.whenReady()
  say("prepared", { changes: CHANGES })
  const begin = performance.now()
  const handle = await repo.find(document, { signal: AbortSignal.timeout(TIMEOUT_MILLIS) })
  const complete = () => sameHeads(A.getHeads(handle.doc()), want)
  while (!complete()) await new Promise(resolve => setTimeout(resolve, 5))
  const end = performance.now()
  const changes = A.getAllChanges(handle.doc()).length
  const text = handle.doc().text.length
  if (changes !== CHANGES) throw new Error(`${changes} changes instead of ${CHANGES}`)
  say("joined", { millis: Math.round(end - begin), changes, text, closes })
}
process.exit(0)
