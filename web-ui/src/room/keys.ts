/**
 * Key pairs of identities, kept by the browser in IndexedDB. The private half cannot be exported: no script, not even this
 * page's, can read it; it can only sign.
 */

const DATABASE = "parlor-keys";
const STORE = "keys";

interface Kept {
  readonly privateKey: CryptoKey;
  readonly publicKey: JsonWebKey;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

/** Whether this page may make and keep keys: not over plain HTTP from another machine. */
export const keysPossible = (): boolean =>
  globalThis.crypto?.subtle !== undefined && globalThis.indexedDB !== undefined;

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function database(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return done(request);
}

async function inStore<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database();
  try {
    const transaction = db.transaction(STORE, mode);
    const finished = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await done(work(transaction.objectStore(STORE)));
    await finished;
    return result;
  } finally {
    db.close();
  }
}

export class SigningKey {
  private constructor(private readonly kept: Kept) {}

  /** The public half with nothing but what names the key. */
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
    const kept = await inStore<Kept | undefined>("readonly", (store) => store.get(identity));
    return kept === undefined ? null : new SigningKey(kept);
  }

  /** Keeps it under the identity, unless another page of this browser was faster: then that one's is the key. */
  async keep(identity: string): Promise<SigningKey> {
    try {
      await inStore("readwrite", (store) => store.add(this.kept, identity));
      return this;
    } catch (problem) {
      const other = await SigningKey.of(identity);
      if (other === null) throw problem;
      return other;
    }
  }

  static async forget(identity: string): Promise<void> {
    await inStore("readwrite", (store) => store.delete(identity));
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
