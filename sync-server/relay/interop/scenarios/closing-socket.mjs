// A socket closes after it has delivered a change and before the client has answered. The client must
// still be able to change the document, and must answer over the next socket.
import { client, connected, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const ada = client("ada")
  const bob = client("bob")
  await connected(ada.repo, bob.repo)
  const adasHandle = ada.repo.create({ list: [] })
  const bobsHandle = await bob.repo.find(adasHandle.url)
  const headsAreEqual = () => JSON.stringify(adasHandle.heads()) === JSON.stringify(bobsHandle.heads())
  await until("both agree", headsAreEqual)

  let closes = 0
  const emit = bob.adapter.emit.bind(bob.adapter)
  bob.adapter.emit = (event, payload) => {
    // The socket is closing now, and its close event has not been emitted yet.
    if (closes === 0 && event === "message" && payload.type === "sync") {
      closes += 1
      bob.adapter.socket.close()
    }
    return emit(event, payload)
  }
  adasHandle.change(doc => doc.list.push("received by a socket that closes"))
  await until("the socket closed", () => closes === 1)
  await until("bob has the first change", () => bobsHandle.doc().list.length === 1)
  bobsHandle.change(doc => doc.list.push("written after the close"))
  await until("ada has both changes", () => adasHandle.doc().list.length === 2)
  await until("both agree at the end", headsAreEqual)
})
