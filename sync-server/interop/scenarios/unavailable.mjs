// A document that nobody has: everyone who asks is told so, and gets it when it comes.
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
    await until("the asker has it", () => progress.handle?.isReady?.() ?? false)
    assert.equal(progress.handle.doc().title, "late")
  }

  // Asked for and announced at the same moment: whoever comes first, nobody is told it is not there.
  for (let round = 0; round < 20; round++) {
    const handle = author.repo.create({ round })
    const found = await askers[round % 2].repo.find(handle.url)
    assert.equal(found.doc().round, round)
  }
})
