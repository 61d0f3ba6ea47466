// A backend of an app: it knows its users and signs a token for each. docs/relay.md shows it.
import { createPrivateKey, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { Readable } from "node:stream"

/**
 * Starts the backend. `users` has the claims of each user, for example `{ create: true }`. `decide`
 * answers the relay's questions about documents; an app whose claims say it all needs none.
 */
export async function backend(keyFile, users, decide = () => ({ permission: "none" })) {
  const key = createPrivateKey(readFileSync(keyFile))
  const base64 = value => Buffer.from(JSON.stringify(value)).toString("base64url")

  const token = (user, expires) => {
    const claims = { iss: "my-app", sub: user, exp: expires, ...users[user] }
    const text = `${base64({ alg: "EdDSA" })}.${base64(claims)}`
    return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`
  }

  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      // The relay asks: { subject, document, wish: "read" | "write", exists }.
      const question = JSON.parse(await new Response(Readable.toWeb(request)).text())
      return response.end(JSON.stringify(decide(question)))
    }
    // A real backend reads the user from its session.
    const { searchParams } = new URL(request.url, "http://localhost")
    const user = searchParams.get("user")
    if (!(user in users)) return response.writeHead(403).end()
    const seconds = Number(searchParams.get("seconds") ?? 600)
    response.end(token(user, Math.floor(Date.now() / 1000) + seconds))
  })
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve))
  const address = `http://127.0.0.1:${server.address().port}`
  const tokenOf = user => fetch(`${address}/token?${new URLSearchParams(user)}`).then(response => response.text())
  return { address, tokenOf, server }
}
