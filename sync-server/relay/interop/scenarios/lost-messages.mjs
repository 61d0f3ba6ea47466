// Sync messages that were sent and never arrived: each side then has a wrong view of the other.
import assert from "node:assert/strict"
import { client, scenario, until } from "../lib/clients.mjs"

/** Drops sync messages in either direction while a flag is set, and counts them. */
function lossy(adapter) {
  const line = { losesSent: false, losesReceived: false, lost: 0 }
  const send = adapter.send.bind(adapter)
  adapter.send = message => {
    if (line.losesSent && message.type === "sync") line.lost += 1
    else send(message)
  }
  const emit = adapter.emit.bind(adapter)
  adapter.emit = (event, payload) => {
    if (line.losesReceived && event === "message" && payload.type === "sync") line.lost += 1
    else return emit(event, payload)
  }
  return line
}

scenario(async () => {
  const ada = client("ada")
  const bob = client("bob")
  const atAda = lossy(ada.adapter)
  const atBob = lossy(bob.adapter)
  const written = ada.repo.create({ list: [] })
  const read = await bob.repo.find(written.url)
  const same = () => JSON.stringify(written.heads()) === JSON.stringify(read.heads())
  await until("both agree", same)

  // A message of the author is lost. The author waits for the answer before it sends more, until it
  // reconnects.
  atAda.losesSent = true
  written.change(doc => doc.list.push("lost on the way to the server"))
  await until("it is lost", () => atAda.lost > 0)
  atAda.losesSent = false
  ada.adapter.socket.close()
  await until("bob has the first change", () => read.doc().list.length === 1)
  written.change(doc => doc.list.push("after the lost change"))
  await until("bob has both changes", () => read.doc().list.length === 2)

  // A message of the server is lost: the next edit of any client shows the gap, and bob requests
  // the missing change.
  atBob.losesReceived = true
  written.change(doc => doc.list.push("lost on the way from the server"))
  await until("it is lost", () => atBob.lost > 0)
  atBob.losesReceived = false
  assert.equal(read.doc().list.length, 2)
  written.change(doc => doc.list.push("after the lost change"))
  await until("bob has all four changes", () => read.doc().list.length === 4)

  // No client edits any more: a new connection resets the sync and finds the missing change.
  const before = atBob.lost
  atBob.losesReceived = true
  written.change(doc => doc.list.push("lost again"))
  await until("it is lost", () => atBob.lost > before)
  atBob.losesReceived = false
  bob.adapter.socket.close()
  await until("bob has all five changes", () => read.doc().list.length === 5)
  await until("both agree at the end", same)
})
