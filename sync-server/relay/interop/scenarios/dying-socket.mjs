// A socket closes after a change arrived over it and before the client answers. The client must
// still be able to change the document, and it must answer over the next socket.
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
    // The socket is closing now, and its close event has not been emitted yet.
    if (deaths === 0 && event === "message" && payload.type === "sync") {
      deaths += 1
      bob.adapter.socket.close()
    }
    return emit(event, payload)
  }
  written.change(doc => doc.list.push("received by a socket that closes"))
  await until("the socket closed", () => deaths === 1)
  await until("bob has the first change", () => read.doc().list.length === 1)
  read.change(doc => doc.list.push("written after the close"))
  await until("ada has both changes", () => written.doc().list.length === 2)
  await until("both agree at the end", same)
})
