// An unmodified client learns what is on the server's disk from `remote-heads` of its storage id.
import assert from "node:assert/strict"
import { generateAutomergeUrl } from "@automerge/automerge-repo"
import { client, heard, say, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const { repo } = client("ada")
  const handle = repo.create({ list: [] })
  const told = []
  handle.on("remote-heads", ({ storageId, heads }) => told.push({ storageId, heads }))
  const isSaved = () =>
    told.some(
      ({ storageId, heads }) =>
        storageId === "storage-of-the-test" &&
        JSON.stringify(heads) === JSON.stringify(handle.heads()),
    )
  await until("the first change is saved", isSaved)

  say("hold")
  await heard()
  handle.change(doc => doc.list.push("not yet saved"))
  say("changed")
  await heard()
  // A request and its answer on the same socket: all earlier messages of the server have arrived.
  await assert.rejects(repo.find(generateAutomergeUrl()), /unavailable/)
  assert.equal(isSaved(), false, "the server sent its heads before the commit")
  say("waiting")
  await until("the change is saved after the commit", isSaved)
})
