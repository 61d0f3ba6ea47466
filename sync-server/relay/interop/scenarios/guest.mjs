// A guest in a room: it has no identity, only the room's sync address. It writes its participant entry, gets a role
// from the server, and asks the model. It cannot give itself a role or a time.
// Arguments: the sync address, the document's id, and `forge` to try to take a role.
import assert from "node:assert/strict"
import { client, connected, awaitTest, report, scenario, until } from "../lib/clients.mjs"

const documentId = process.argv[3]
const forge = process.argv[4] === "forge"

scenario(async () => {
  const peerId = `guest-${process.pid}`
  const me = `guest:${peerId}`
  const { repo } = client(peerId)
  await connected(repo)
  const handle = await repo.find(`automerge:${documentId}`)
  const ownEntry = () => handle.doc().participants[me]
  report("here", me)
  if (forge) {
    await awaitTest()
    // Refused by the rules for rooms: only the server gives roles.
    handle.change(doc => {
      doc.participants[me] = { name: "Robot", role: "host" }
    })
    report("forged")
    await awaitTest()
    return
  }
  handle.change(doc => {
    doc.participants[me] = { name: "Robot", avatar: "R", joinedAt: 1 }
  })
  await until("the server gives the guest a role", () => ownEntry()?.role !== undefined && ownEntry().joinedAt > 1)
  report("seated", { role: ownEntry().role, joinedAt: Number(ownEntry().joinedAt) })

  handle.change(doc => {
    doc.participants[me].joinedAt = 2
  })
  await until("the server corrects the time", () => ownEntry().joinedAt > 2)
  handle.change(doc => {
    doc.chat.push({ id: `c-${process.pid}`, by: me, at: Date.now(), kind: "say", text: "beep" })
  })
  const request = `r-${process.pid}`
  handle.change(doc => {
    doc.generation.lock = {
      request,
      by: me,
      at: Date.now(),
      query: "Who is there?",
      cards: [],
      seen: Number(doc.generation.epoch),
    }
  })
  const result = () => handle.doc().results[request]
  await until("the model has answered", () => ["done", "refused", "error"].includes(result()?.status?.toString()))
  report("answered", { status: result().status.toString(), reason: result().reason?.toString() ?? "" })
  await awaitTest()
})
