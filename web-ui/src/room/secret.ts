/**
 * A room's secret word: `newSecret` makes the data that the server stores, `proofOf` the answer to the server's
 * challenge. Neither contains the word, which never leaves this page (SCRAM, RFC 5802; docs/http-api.md, "A secret").
 */

export interface NewSecret {
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
}

export interface Challenge {
  readonly nonce: string;
  readonly salt: string;
  readonly iterations: number;
}

/** PBKDF2 iterations. They take some tenths of a second on a phone, and the same time for each guess of an attacker. */
const ITERATIONS = 310_000;

/** The maximum number of iterations that the page accepts from a server. More would only keep the browser busy. */
const ITERATIONS_MAX = 10_000_000;

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Whether this page can use secrets. They need WebCrypto, which is missing over plain HTTP from another machine. */
export const secretsPossible = (): boolean => globalThis.crypto?.subtle !== undefined;

export async function newSecret(word: string): Promise<NewSecret> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const { storedKey } = await keys(word, salt, ITERATIONS);
  return { salt: base64(salt), iterations: ITERATIONS, storedKey: base64(storedKey) };
}

export async function proofOf(
  word: string,
  { nonce, salt, iterations }: Challenge,
  slug: string,
  identity: string,
): Promise<string> {
  if (iterations > ITERATIONS_MAX) throw new Error("This room's secret settings are not valid.");
  const { clientKey, storedKey } = await keys(word, bytes(salt), iterations);
  const text = `parlor room secret 1\nroom: ${slug}\nidentity: ${identity}\nnonce: ${nonce}\n`;
  const mask = await hmac(storedKey, text);
  return base64(clientKey.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

async function keys(word: string, salt: Uint8Array<ArrayBuffer>, iterations: number) {
  const typed = await crypto.subtle.importKey("raw", utf8(word.normalize("NFKC").trim()), "PBKDF2", false, [
    "deriveBits",
  ]);
  const salted = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    typed,
    256,
  );
  const clientKey = await hmac(new Uint8Array(salted), "Client Key");
  const storedKey = new Uint8Array(await crypto.subtle.digest("SHA-256", clientKey));
  return { clientKey, storedKey };
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8(text)));
}

function base64(raw: Uint8Array): string {
  return btoa(String.fromCharCode(...raw))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}
