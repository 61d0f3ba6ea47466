// No peer has the document, so each client that requests it gets "unavailable". When the document exists
// later, each of these clients receives it.
import assert from "node:assert/strict"
import { Repo, generateAutomergeUrl, parseAutomergeUrl } from "@automerge/automerge-repo"
import * as A from "@automerge/automerge"
import { client, connected, report, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const url = generateAutomergeUrl()
  const requesters = ["ada", "bob"].map(peerId => client(peerId))
  for (const { repo } of requesters) {
    await assert.rejects(repo.find(url), /unavailable/)
  }
  report("unavailable")
  const author = client("eve")
  await connected(author.repo)
  const doc = A.from({ title: "late" })
  author.repo.import(A.save(doc), { docId: parseAutomergeUrl(url).documentId })
  for (const { repo } of requesters) {
    const progress = repo.findWithProgress(url)
    await until("the requesting client has the document", () => progress.handle?.isReady?.() ?? false)
    assert.equal(progress.handle.doc().title, "late")
  }

  // The document is requested and announced at the same moment: in either order, no client gets
  // "unavailable".
  for (let round = 0; round < 20; round++) {
    const handle = author.repo.create({ round })
    const found = await requesters[round % 2].repo.find(handle.url)
    assert.equal(found.doc().round, round)
  }
})
