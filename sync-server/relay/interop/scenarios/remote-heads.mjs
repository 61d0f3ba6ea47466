// An unmodified client learns which heads are on the server's disk, by `remote-heads` events with the
// server's storage id.
import assert from "node:assert/strict"
import { generateAutomergeUrl } from "@automerge/automerge-repo"
import { client, awaitTest, report, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const { repo } = client("ada")
  const handle = repo.create({ list: [] })
  const savedHeads = []
  handle.on("remote-heads", ({ storageId, heads }) => savedHeads.push({ storageId, heads }))
  const isSaved = () =>
    savedHeads.some(
      ({ storageId, heads }) =>
        storageId === "storage-of-the-test" &&
        JSON.stringify(heads) === JSON.stringify(handle.heads()),
    )
  await until("the first change is saved", isSaved)

  report("hold")
  await awaitTest()
  handle.change(doc => doc.list.push("not yet saved"))
  report("changed")
  await awaitTest()
  // A request and its answer on the same socket: all earlier messages of the server have arrived.
  await assert.rejects(repo.find(generateAutomergeUrl()), /unavailable/)
  assert.equal(isSaved(), false, "the server sent its heads before the commit")
  report("waiting")
  await until("the change is saved after the commit", isSaved)
})
