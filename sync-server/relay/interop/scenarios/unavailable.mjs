// No peer has the document: each client that requests it gets "unavailable", and later the document
// when it exists.
import assert from "node:assert/strict"
import { Repo, generateAutomergeUrl, parseAutomergeUrl } from "@automerge/automerge-repo"
import * as A from "@automerge/automerge"
import { client, say, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const wanted = generateAutomergeUrl()
  const askers = ["ada", "bob"].map(peerId => client(peerId))
  for (const { repo } of askers) {
    await assert.rejects(repo.find(wanted), /unavailable/)
  }
  say("unavailable")
  const author = client("eve")
  const doc = A.from({ title: "late" })
  author.repo.import(A.save(doc), { docId: parseAutomergeUrl(wanted).documentId })
  for (const { repo } of askers) {
    const progress = repo.findWithProgress(wanted)
    await until("the requesting client has the document", () => progress.handle?.isReady?.() ?? false)
    assert.equal(progress.handle.doc().title, "late")
  }

  // The document is requested and announced at the same moment: in either order, no client gets
  // "unavailable".
  for (let round = 0; round < 20; round++) {
    const handle = author.repo.create({ round })
    const found = await askers[round % 2].repo.find(handle.url)
    assert.equal(found.doc().round, round)
  }
})
