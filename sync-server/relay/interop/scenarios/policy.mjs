// Who may do what: tokens, the app's backend and a document policy (lib/policy.json) decide together, for
// unmodified clients. Arguments: "later" (the sync address comes on stdin), and the backend's private key.
import assert from "node:assert/strict"
import { cbor } from "@automerge/automerge-repo"
import { backend } from "../lib/backend.mjs"
import { awaitTest, client, connected, report, scenario, until } from "../lib/clients.mjs"

scenario(async () => {
  const users = { ada: { create: true }, ben: {}, cleo: {}, dan: {}, eve: {}, gus: {}, mallory: {} }
  const { address, tokenOf } = await backend(process.argv[3], users, ({ subject }) => ({
    permission: { ada: "own", gus: "write" }[subject] ?? "none",
  }))
  report("backend", address)
  const base = await awaitTest()

  const connect = async (user, peerId) => {
    const joined = client(peerId, { url: `${base}/a/${await tokenOf({ user })}` })
    joined.errors = []
    const receive = joined.adapter.receiveMessage.bind(joined.adapter)
    joined.adapter.receiveMessage = bytes => {
      const message = cbor.decode(new Uint8Array(bytes))
      if (message.type === "error") joined.errors.push(message)
      receive(bytes)
    }
    await connected(joined.repo)
    return joined
  }

  const ada = await connect("ada", "ada-0")
  const handle = ada.repo.create({
    title: "Board",
    cards: { first: { text: "a", price: 1 } },
    people: { eve: { name: "Eve" } },
    log: [{ text: "made" }],
    settings: { theme: "dark" },
  })
  const document = handle.url
  const id = document.replace("automerge:", "")
  users.ben = { documents: { [id]: "write" } }
  users.cleo = { documents: { [id]: "read" }, roles: { [document]: ["editor"], "*": ["commenter"] } }
  users.dan = { documents: { [id]: "read" }, roles: ["commenter", "unknown"] }
  users.eve = { documents: { [id]: "read" }, roles: { "*": ["editor"], [id]: [] } }
  users.gus = { roles: ["commenter"] }

  // The table: the edit, and the users who may make it. A refused edit stays in its client, so each is made
  // by a client of its own.
  let number = 0
  const table = [
    ["the title", ["ada", "cleo"], doc => { doc.title = `Board ${number}` }, doc => doc.title],
    ["a title of 201 bytes", [], doc => { doc.title = "x".repeat(201) }, doc => doc.title],
    ["a title that is a number", [], doc => { doc.title = number }, doc => doc.title],
    ["the text of a card", ["ada", "ben", "gus"], doc => { doc.cards.first.text = `text ${number}` }, doc => doc.cards.first.text],
    ["a new card", ["ada", "ben", "gus"], doc => { doc.cards[`card ${number}`] = { text: "new" } }, doc => Object.keys(doc.cards).length],
    ["the price of a card", ["ada"], doc => { doc.cards.first.price = number }, doc => doc.cards.first.price],
    ["Eve's entry", ["eve", "ada"], doc => { doc.people.eve.name = `Eve ${number}` }, doc => doc.people.eve.name],
    ["a line of the log", ["ada", "ben", "dan", "gus"], doc => { doc.log.push({ text: `line ${number}` }) }, doc => doc.log.length],
    ["an earlier line of the log", [], doc => { doc.log[0].text = `changed ${number}` }, doc => doc.log[0].text],
    ["the removal of a line of the log", [], doc => { doc.log.splice(0, 1) }, doc => doc.log.length],
    ["the removal of all cards", ["ada"], doc => { doc.cards = { first: { text: "a", price: 1 } } }, doc => JSON.stringify(doc.cards)],
    ["the settings", ["ada"], doc => { doc.settings.theme = `light ${number}` }, doc => doc.settings.theme],
    ["a new field", ["ada"], doc => { doc[`field ${number}`] = 1 }, doc => Object.keys(doc).length],
  ]
  const clients = {}
  for (const [edit, allowed, change, shows] of table) {
    const before = shows(handle.doc())
    const refused = ["ada", "ben", "cleo", "dan", "eve", "gus"].filter(user => !allowed.includes(user))
    await Promise.all(
      refused.map(async user => {
        number += 1
        const joined = await connect(user, `${user}-${number}`)
        const own = await joined.repo.find(document)
        own.change(change)
        await until(`the refusal of ${edit} by ${user}`, () => joined.errors.length > 0)
        assert.equal(joined.errors.length, 1)
        assert.equal(joined.errors[0].documentId, id)
        assert.match(joined.errors[0].message, /^\[AD6\] rule \d of the document policy, \/\S+, .+ at \/\S+$/)
        joined.own = own
        clients[`refused ${user}`] = joined
      }),
    )
    assert.equal(shows(handle.doc()), before, edit)
    // The connections stay: the clients still receive changes.
    handle.change(doc => { doc.settings.seen = number })
    for (const user of refused) {
      const joined = clients[`refused ${user}`]
      await until(`${user} receives a change after the refusal`, () => joined.own.doc().settings.seen === number)
      joined.adapter.disconnect()
    }
    for (const user of allowed) {
      number += 1
      clients[user] ??= await connect(user, user)
      const joined = clients[user]
      const own = await joined.repo.find(document)
      await until(`${user} has the changes so far`, () => own.doc().settings.seen === handle.doc().settings.seen)
      const shown = shows(handle.doc())
      own.change(change)
      await until(`${user} may write ${edit}`, () => shows(handle.doc()) !== shown || joined.errors.length > 0)
      assert.deepEqual(joined.errors, [], `${user}: ${edit}`)
    }
  }
  const mallory = await connect("mallory", "mallory")
  await assert.rejects(mallory.repo.find(document), /unavailable/)
  report("attempts", number)
})
