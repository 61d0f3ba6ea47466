/**
 * Key pairs of identities, kept by the browser in IndexedDB. The private half cannot be exported: no script, not even
 * this page's, can read it. It can only sign.
 */

import { Database } from "./database";

interface Kept {
  readonly privateKey: CryptoKey;
  readonly publicKey: JsonWebKey;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

/** Whether this page may use IndexedDB at all. */
export function hasDatabases(): boolean {
  try {
    return globalThis.indexedDB !== undefined;
  } catch {
    return false; // Some browsers throw on mere access where a page may keep nothing.
  }
}

/** Whether this page may make and keep keys: not over plain HTTP from another machine. */
export function keysPossible(): boolean {
  return globalThis.crypto?.subtle !== undefined && hasDatabases();
}

const database = new Database("parlor-keys", "keys");

export class SigningKey {
  private constructor(private readonly kept: Kept) {}

  /** The public key with only the members that identify it. */
  get publicKey(): JsonWebKey {
    const { kty, crv, x, y } = this.kept.publicKey;
    return { kty, crv, x, y } as JsonWebKey;
  }

  static async make(): Promise<SigningKey> {
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
    return new SigningKey({
      privateKey: pair.privateKey,
      publicKey: await crypto.subtle.exportKey("jwk", pair.publicKey),
    });
  }

  static async of(identity: string): Promise<SigningKey | null> {
    const kept = await database.run<Kept | undefined>("readonly", (store) => {
      const request = store.get(identity);
      return () => request.result as Kept | undefined;
    });
    return kept === undefined ? null : new SigningKey(kept);
  }

  /**
   * Keeps the key under the identity, unless another page of this browser was faster: then the other page's key is the
   * key.
   */
  async keep(identity: string): Promise<SigningKey> {
    try {
      await database.run("readwrite", (store) => {
        store.add(this.kept, identity);
        return () => undefined;
      });
      return this;
    } catch (problem) {
      const other = await SigningKey.of(identity);
      if (other === null) throw problem;
      return other;
    }
  }

  static async forget(identity: string): Promise<void> {
    await database.run("readwrite", (store) => {
      store.delete(identity);
      return () => undefined;
    });
  }

  /** The signature of a text, in base64url. */
  async sign(text: string): Promise<string> {
    const bytes = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      this.kept.privateKey,
      new TextEncoder().encode(text),
    );
    return btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  }
}
