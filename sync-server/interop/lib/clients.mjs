// Real automerge-repo clients and the small protocol that scenarios speak with their JUnit test:
// a line on stdout per fact, a line on stdin per go-ahead.
import { Repo } from "@automerge/automerge-repo"
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket"
import { createInterface } from "node:readline"

export const url = process.argv[2]

const OPEN = 1
const RETRY_MILLIS = 100
const TIMEOUT_MILLIS = 10_000

/** A repo in memory, connected to the server under test. */
export function client(peerId, options = {}) {
  const adapter = new WebSocketClientAdapter(options.url ?? url, RETRY_MILLIS)
  dropWhenNotOpen(adapter)
  const repo = new Repo({ network: [adapter], peerId, ...options.repo })
  return { repo, adapter }
}

/**
 * What is sent over a socket that is not open is lost instead of an error. automerge-repo 2.5.6
 * answers a sync message inside the update of its document. When the socket closes while the message
 * is under way the adapter throws "Websocket not ready" there, the handle keeps the document from
 * before the message, and every later change of it ends with "Attempting to change an outdated
 * document". What is lost comes anew: the next connection begins the sync again.
 */
function dropWhenNotOpen(adapter) {
  const send = adapter.send.bind(adapter)
  adapter.send = message => {
    if (adapter.socket?.readyState === OPEN) send(message)
  }
}

/** Tells the test. */
export function say(fact, value) {
  console.log(value === undefined ? fact : `${fact} ${JSON.stringify(value)}`)
}

const input = createInterface({ input: process.stdin })
const lines = []
const readers = []
input.on("line", line => {
  const reader = readers.shift()
  if (reader) reader(line)
  else lines.push(line)
})

/** Waits for the test. */
export function heard() {
  return lines.length > 0
    ? Promise.resolve(lines.shift())
    : new Promise(resolve => readers.push(resolve))
}

/** Waits until a condition holds; says what was awaited when it does not. */
export async function until(what, condition) {
  const end = Date.now() + TIMEOUT_MILLIS
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`timed out: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** Runs a scenario and ends the process, whatever timers the clients have left. */
export function scenario(run) {
  run().then(
    () => {
      say("passed")
      process.exit(0)
    },
    error => {
      console.error(error)
      process.exit(1)
    },
  )
}
