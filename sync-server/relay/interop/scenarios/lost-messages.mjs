// Sync messages are lost, so that each side has a wrong view of the changes of the other side. The
// next edit or the next connection repairs this.
import assert from "node:assert/strict"
import { client, connected, scenario, until } from "../lib/clients.mjs"

/** Drops sync messages in either direction while a flag is set, and counts them. */
function dropMessages(adapter) {
  const losses = { dropsSent: false, dropsReceived: false, lost: 0 }
  const send = adapter.send.bind(adapter)
  adapter.send = message => {
    if (losses.dropsSent && message.type === "sync") losses.lost += 1
    else send(message)
  }
  const emit = adapter.emit.bind(adapter)
  adapter.emit = (event, payload) => {
    if (losses.dropsReceived && event === "message" && payload.type === "sync") losses.lost += 1
    else return emit(event, payload)
  }
  return losses
}

scenario(async () => {
  const ada = client("ada")
  const bob = client("bob")
  const adasLosses = dropMessages(ada.adapter)
  const bobsLosses = dropMessages(bob.adapter)
  await connected(ada.repo, bob.repo)
  const adasHandle = ada.repo.create({ list: [] })
  const bobsHandle = await bob.repo.find(adasHandle.url)
  const headsAreEqual = () => JSON.stringify(adasHandle.heads()) === JSON.stringify(bobsHandle.heads())
  await until("both agree", headsAreEqual)

  // A message of the author is lost. The author waits for the answer before it sends more, until it
  // reconnects.
  adasLosses.dropsSent = true
  adasHandle.change(doc => doc.list.push("lost on the way to the server"))
  await until("the message is lost", () => adasLosses.lost > 0)
  adasLosses.dropsSent = false
  ada.adapter.socket.close()
  await until("bob has the first change", () => bobsHandle.doc().list.length === 1)
  adasHandle.change(doc => doc.list.push("after the lost change"))
  await until("bob has both changes", () => bobsHandle.doc().list.length === 2)

  // A message of the server is lost: the next edit of any client shows the gap, and bob requests
  // the missing change.
  bobsLosses.dropsReceived = true
  adasHandle.change(doc => doc.list.push("lost on the way from the server"))
  await until("the message is lost", () => bobsLosses.lost > 0)
  bobsLosses.dropsReceived = false
  assert.equal(bobsHandle.doc().list.length, 2)
  adasHandle.change(doc => doc.list.push("after the lost change"))
  await until("bob has all four changes", () => bobsHandle.doc().list.length === 4)

  // No client edits any more: a new connection resets the sync and finds the missing change.
  const before = bobsLosses.lost
  bobsLosses.dropsReceived = true
  adasHandle.change(doc => doc.list.push("lost again"))
  await until("the message is lost", () => bobsLosses.lost > before)
  bobsLosses.dropsReceived = false
  bob.adapter.socket.close()
  await until("bob has all five changes", () => bobsHandle.doc().list.length === 5)
  await until("both agree at the end", headsAreEqual)
})
