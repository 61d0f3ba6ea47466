// A client and a backend that uses the HTTP API for documents. The test is the backend: it reads the client's document,
// patches it after an edit of the client, and the client sees both. Then the client opens a document that the backend made.
import assert from "node:assert/strict"
import * as A from "@automerge/automerge"
import { awaitTest, client, connected, report, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const ada = client("ada")
  await connected(ada.repo)
  const handle = ada.repo.create({
    title: "Plan",
    count: new A.Counter(3),
    at: new Date(0),
    bytes: new Uint8Array([1, 2, 255]),
    fixed: new A.ImmutableString("fixed"),
    ratio: 0.5,
    big: Number.MAX_SAFE_INTEGER,
    none: null,
    yes: true,
    list: [1, "two", { three: 3 }],
    "": { empty: "key" },
  })
  handle.change(doc => A.mark(doc, ["title"], { start: 0, end: 2, expand: "none" }, "bold", true))
  report("document", handle.documentId)

  await awaitTest()
  handle.change(doc => A.splice(doc, ["title"], 4, 0, " B"))
  report("spliced")
  await until("the patch arrives", () => handle.doc().count.value === 7)
  const doc = handle.doc()
  assert.equal(doc.title, "Our Plan B")
  assert.equal(doc.at.toISOString(), "2026-11-30T10:00:00.000Z")
  assert.deepEqual([...doc.bytes], [7])
  assert.equal(doc.fixed.toString(), "changed")
  assert.deepEqual(JSON.parse(JSON.stringify(doc.list)), [1, "two and a half", { three: 3, four: [4] }])
  assert.equal("none" in doc, false)
  report("patched")

  const made = await ada.repo.find(`automerge:${await awaitTest()}`)
  assert.deepEqual(JSON.parse(JSON.stringify(made.doc())), { made: "by the backend" })
  made.change(doc => A.splice(doc, ["made"], 0, 0, "also "))
  report("edited", made.heads())

  // Files in both directions.
  const file = Uint8Array.from(Buffer.from(await awaitTest(), "base64"))
  assert.deepEqual(JSON.parse(JSON.stringify(A.load(file))), { made: "also by the backend" })
  let whole = A.from({ from: "a file", n: 1 })
  for (let i = 0; i < 20; i++) whole = A.change(whole, doc => doc.n++)
  report("file", Buffer.from(A.save(whole)).toString("base64"))
})
