/**
 * Key pairs of identities, stored by the browser in IndexedDB. The private key is not extractable: a script can sign
 * with it, but no script, not even this page's, can read it.
 */

import { Database } from "./database";

interface StoredKeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: JsonWebKey;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

/** Whether this page may use IndexedDB at all. */
export function hasIndexedDb(): boolean {
  try {
    return globalThis.indexedDB !== undefined;
  } catch {
    return false; // Some browsers throw on access if the page may store nothing.
  }
}

/** Whether this page may create and store keys. Browsers forbid it over plain HTTP from another machine. */
export function keysPossible(): boolean {
  return globalThis.crypto?.subtle !== undefined && hasIndexedDb();
}

const database = new Database("parlor-keys", "keys");

export class SigningKey {
  private constructor(private readonly pair: StoredKeyPair) {}

  /** The public key with only the members that identify it. */
  get publicKey(): JsonWebKey {
    const { kty, crv, x, y } = this.pair.publicKey;
    return { kty, crv, x, y } as JsonWebKey;
  }

  static async make(): Promise<SigningKey> {
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
    return new SigningKey({
      privateKey: pair.privateKey,
      publicKey: await crypto.subtle.exportKey("jwk", pair.publicKey),
    });
  }

  static async load(identity: string): Promise<SigningKey | null> {
    const pair = await database.run<StoredKeyPair | undefined>("readonly", (store) => {
      const request = store.get(identity);
      return () => request.result as StoredKeyPair | undefined;
    });
    return pair === undefined ? null : new SigningKey(pair);
  }

  /**
   * Stores the key under the identity. If another page of this browser has stored a key there already, returns that key
   * instead.
   */
  async store(identity: string): Promise<SigningKey> {
    try {
      await database.run("readwrite", (store) => {
        store.add(this.pair, identity);
        return () => undefined;
      });
      return this;
    } catch (problem) {
      const stored = await SigningKey.load(identity);
      if (stored === null) throw problem;
      return stored;
    }
  }

  static async delete(identity: string): Promise<void> {
    await database.run("readwrite", (store) => {
      store.delete(identity);
      return () => undefined;
    });
  }

  /** The signature of a text, in base64url. */
  async sign(text: string): Promise<string> {
    const bytes = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      this.pair.privateKey,
      new TextEncoder().encode(text),
    );
    return btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  }
}
