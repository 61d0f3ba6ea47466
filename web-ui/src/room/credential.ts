import { ApiProblem, type Bearer, identityApi } from "./api";
import { serverTime } from "./clock";
import { uuid7 } from "./ids";
import { keysPossible, SigningKey } from "./keys";
import { type KnownMe, memory } from "./memory";

/** A session is renewed this long before its end. */
const EARLY_MS = 30_000;

/** What an identity signs; the server builds the same text (docs/http-api.md, "A key pair"). */
export function proofText(origin: string, identity: string, nonce: string): string {
  return `parlor identity proof 1\norigin: ${origin}\nidentity: ${identity}\nnonce: ${nonce}\n`;
}

/**
 * Proves who one is to the server. By default with a key pair: a nonce is signed and becomes a session of some minutes. An
 * identity of before has a lasting token in this browser; it is moved to a key pair at the first chance, and the token is
 * forgotten. Where the browser has no WebCrypto (a page over plain HTTP) the token stays.
 */
class Credential implements Bearer {
  #session: { readonly token: string; readonly until: number } | null = null;
  #asking: Promise<string> | null = null;
  /** The browser's storage does not answer, so whether the key is there is not known. */
  #keyUnreadable = false;

  constructor(
    private readonly identity: string,
    private token: string | undefined,
  ) {}

  bearer(): Promise<string> {
    if (this.#session !== null && serverTime() < this.#session.until) {
      return Promise.resolve(this.#session.token);
    }
    this.#asking ??= this.#prove().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  renew(): boolean {
    const hadSession = this.#session !== null;
    this.#session = null;
    return hadSession;
  }

  async #prove(): Promise<string> {
    const key = await this.#key();
    if (key === null) {
      if (this.token !== undefined) return this.token;
      if (this.#keyUnreadable) throw keyUnreadable();
      throw new ApiProblem(401, "Not signed in", "This browser has lost the key that proves who you are.");
    }
    const { nonce } = await identityApi.nonce(this.identity).catch((problem) => {
      if (!(problem instanceof ApiProblem) || problem.status !== 404) throw problem;
      throw new ApiProblem(401, "Not signed in", "The server does not know the key of this browser.");
    });
    const signature = await key.sign(proofText(window.location.origin, this.identity, nonce));
    const { token, expiresAt } = await identityApi.open(this.identity, nonce, signature);
    this.#session = { token, until: expiresAt - EARLY_MS };
    return token;
  }

  /** The key of this identity; made and told to the server first where there is only a token. */
  async #key(): Promise<SigningKey | null> {
    this.#keyUnreadable = !keysPossible();
    if (this.#keyUnreadable) return null;
    let key: SigningKey | null;
    try {
      key = await SigningKey.of(this.identity);
      if (this.token === undefined) return key;
      key ??= await (await SigningKey.make()).keep(this.identity);
    } catch {
      this.#keyUnreadable = true;
      return null;
    }
    try {
      await identityApi.attach(this.identity, key.publicKey, this.token);
    } catch (problem) {
      // The token is no good any more when the key was attached before and the answer got lost.
      if (!(problem instanceof ApiProblem) || problem.status !== 401) return null;
    }
    const me = memory.me();
    if (me?.identity === this.identity) memory.setMe({ identity: me.identity, name: me.name });
    this.token = undefined;
    return key;
  }
}

/** The name of the problem "this browser cannot read the key that proves who this person is". */
export const KEY_UNREADABLE = "key-unreadable";

function keyUnreadable(): ApiProblem {
  const detail = "This browser cannot read the key that proves who you are.";
  return new ApiProblem(401, "Not signed in", detail, null, null, { type: `urn:parlor:${KEY_UNREADABLE}` });
}

const credentials = new Map<string, Credential>();

/** The one credential of an identity in this page, so that its parts share a session. */
export function credentialOf(me: KnownMe): Bearer {
  let found = credentials.get(me.identity);
  if (found === undefined) {
    found = new Credential(me.identity, me.token);
    credentials.set(me.identity, found);
  }
  return found;
}

/** How long IndexedDB may take to answer before it counts as blocked. */
const STORAGE_ANSWER_MS = 2_000;

/** Whether this browser keeps who one is and what one wrote after the page is closed: small things and IndexedDB. */
export async function browserKeeps(): Promise<boolean> {
  if (!memory.lasts() || !hasIndexedDb()) return false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STORAGE_ANSWER_MS);
  });
  const answer = SigningKey.of("trial").then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function hasIndexedDb(): boolean {
  try {
    return globalThis.indexedDB !== undefined;
  } catch {
    return false; // Some browsers throw where a page may keep nothing.
  }
}

/** Makes an identity on the server under a name, with a key pair where the browser can keep one. */
export async function becomeSomeone(name: string): Promise<KnownMe> {
  const key = await makeKey();
  const me: KnownMe = key === null ? { ...(await identityApi.create(name)), name } : await withKey(key, name);
  memory.setMe(me);
  return me;
}

/** Makes a new identity that ends with this page, since the browser cannot read the key of the known identity. */
export async function becomeSomeoneForNow(name: string): Promise<KnownMe> {
  const me: KnownMe = { ...(await identityApi.create(name)), name };
  memory.setMeForNow(me);
  return me;
}

/** A key that this browser is able to keep, or null: some private windows refuse. */
async function makeKey(): Promise<SigningKey | null> {
  if (!keysPossible()) return null;
  try {
    const key = await SigningKey.make();
    const trial = `trial-${uuid7()}`;
    await key.keep(trial);
    await SigningKey.forget(trial);
    return key;
  } catch {
    return null;
  }
}

/** The identity with this key, or with a token when the key cannot be kept after all. */
async function withKey(key: SigningKey, name: string): Promise<KnownMe> {
  const { identity } = await identityApi.create(name, key.publicKey);
  try {
    await key.keep(identity);
  } catch {
    return { ...(await identityApi.create(name)), name };
  }
  return { identity, name };
}
