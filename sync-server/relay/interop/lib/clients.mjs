// Real automerge-repo clients, and the protocol between scenarios and their JUnit test: a scenario
// prints a line on stdout for each fact. Where the test must act first, it waits for a line on stdin.
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
 * Drops messages over a socket that is not open, instead of throwing. automerge-repo 2.5.6 answers a
 * sync message inside the update of its document. If the socket closes during that update, the
 * adapter throws "Websocket not ready". The handle then keeps its old state of the document,
 * and every later change of it fails with "Attempting to change an outdated document". The dropped
 * messages are not lost: the next connection restarts the sync.
 */
function dropWhenNotOpen(adapter) {
  const send = adapter.send.bind(adapter)
  adapter.send = message => {
    if (adapter.socket?.readyState === OPEN) send(message)
  }
}

/**
 * Waits until the server has answered the join of each repo. automerge-repo waits about a second for its
 * connection; after that, a find without a connection ends with "unavailable".
 */
export function connected(...repos) {
  return until("the clients are connected", () => repos.every(repo => repo.peers.length > 0))
}

/** Prints a fact for the test. */
export function report(fact, value) {
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

/** Waits until the test lets the scenario continue. */
export function awaitTest() {
  return lines.length > 0
    ? Promise.resolve(lines.shift())
    : new Promise(resolve => readers.push(resolve))
}

/** Waits until a condition holds; after the timeout, throws an error with its description. */
export async function until(description, condition) {
  const end = Date.now() + TIMEOUT_MILLIS
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`timed out: ${description}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** Runs a scenario and ends the process, even if timers of the clients are still running. */
export function scenario(run) {
  run().then(
    () => {
      report("passed")
      process.exit(0)
    },
    error => {
      console.error(error)
      process.exit(1)
    },
  )
}
