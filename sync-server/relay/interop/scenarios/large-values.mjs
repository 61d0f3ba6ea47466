// A client writes the largest values that the server takes by default, each in one change, and waits until they are saved.
import { ImmutableString } from "@automerge/automerge"
import { client, connected, report, scenario } from "../lib/clients.mjs"

const MIB = 2 ** 20
const VALUES = {
  "1,500,000 letters pasted at once": () => "word ".repeat(300_000),
  "a string of 4 MiB": () => new ImmutableString("x".repeat(4 * MIB)),
  "16 MiB of bytes": () => new Uint8Array(16 * MIB).fill(7),
}

const sameHeads = (a, b) => JSON.stringify(a) === JSON.stringify(b)

scenario(async () => {
  const ada = client("ada")
  await connected(ada.repo)
  for (const [name, value] of Object.entries(VALUES)) {
    const handle = ada.repo.create({})
    await new Promise(resolve => {
      handle.on("remote-heads", ({ heads }) => sameHeads(heads, handle.heads()) && resolve())
      handle.change(doc => (doc.value = value()))
    })
    report("saved", { name, document: handle.documentId })
  }
})
