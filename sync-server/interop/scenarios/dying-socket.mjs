// A socket that dies between a change that came over it and the answer: the document must stay one
// that can be changed, and the answer comes anew over the next socket.
import { client, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const ada = client("ada")
  const bob = client("bob")
  const written = ada.repo.create({ list: [] })
  const read = await bob.repo.find(written.url)
  const same = () => JSON.stringify(written.heads()) === JSON.stringify(read.heads())
  await until("both agree", same)

  let deaths = 0
  const emit = bob.adapter.emit.bind(bob.adapter)
  bob.adapter.emit = (event, payload) => {
    // From here on the socket is closing, and its close event has not been told.
    if (deaths === 0 && event === "message" && payload.type === "sync") {
      deaths += 1
      bob.adapter.socket.close()
    }
    return emit(event, payload)
  }
  written.change(doc => doc.list.push("heard by a socket that dies"))
  await until("the socket died", () => deaths === 1)
  await until("bob has it", () => read.doc().list.length === 1)
  read.change(doc => doc.list.push("written after it"))
  await until("ada has both", () => written.doc().list.length === 2)
  await until("both agree at the end", same)
})
