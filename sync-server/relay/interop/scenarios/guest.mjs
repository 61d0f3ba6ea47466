// A guest in a room: no identity, only the room's sync address. It writes its entry, gets its seat from the server,
// asks the model, and cannot give itself a role or a time. Arguments: the sync address, the document's id.
import assert from "node:assert/strict"
import { client, heard, say, scenario, until } from "../lib/clients.mjs"

const documentId = process.argv[3]
const forge = process.argv[4] === "forge"

scenario(async () => {
  const peerId = `guest-${process.pid}`
  const me = `guest:${peerId}`
  const { repo } = client(peerId)
  const handle = await repo.find(`automerge:${documentId}`)
  const mine = () => handle.doc().participants[me]
  say("here", me)
  if (forge) {
    await heard()
    // Refused by the rules for rooms: only the server gives roles.
    handle.change(doc => {
      doc.participants[me] = { name: "Robot", role: "host" }
    })
    say("forged")
    await heard()
    return
  }
  handle.change(doc => {
    doc.participants[me] = { name: "Robot", avatar: "R", joinedAt: 1 }
  })
  await until("the server seats the guest", () => mine()?.role !== undefined && mine().joinedAt > 1)
  say("seated", { role: mine().role, joinedAt: Number(mine().joinedAt) })

  handle.change(doc => {
    doc.participants[me].joinedAt = 2
  })
  await until("the server puts the time right", () => mine().joinedAt > 2)
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
  await until("the answer is there", () => ["done", "refused", "error"].includes(result()?.status?.toString()))
  say("answered", { status: result().status.toString(), reason: result().reason?.toString() ?? "" })
  await heard()
})
