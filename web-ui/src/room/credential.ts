import { roomTexts } from "../texts";
import { ApiProblem, identityApi, type TokenSource } from "./api";
import { serverTime } from "./clock";
import { uuid7 } from "./ids";
import { hasIndexedDb, keysPossible, SigningKey } from "./keys";
import { memory, type OwnIdentity } from "./memory";

/** A session is replaced this long before it ends. */
const RENEW_BEFORE_END_MS = 30_000;

/** The text that an identity signs. The server builds the same text (docs/http-api.md, "A key pair"). */
export function proofText(origin: string, identity: string, nonce: string): string {
  return `parlor identity proof 1\norigin: ${origin}\nidentity: ${identity}\nnonce: ${nonce}\n`;
}

/**
 * Proves an identity to the server, by default with a key pair. It signs a nonce of the server and gets the token of a
 * session of some minutes. An older identity has a permanent token in this browser. At the first request it gets a key
 * pair, and the token is forgotten. If the browser has no WebCrypto (a page over plain HTTP), the token stays.
 */
class Credential implements TokenSource {
  #session: { readonly token: string; readonly renewAt: number } | null = null;
  #proving: Promise<string> | null = null;
  /** The browser's storage cannot be read, so it is unknown whether the key exists. */
  #keyUnreadable = false;

  constructor(
    private readonly identity: string,
    private permanentToken: string | undefined,
  ) {}

  token(): Promise<string> {
    if (this.#session !== null && serverTime() < this.#session.renewAt) {
      return Promise.resolve(this.#session.token);
    }
    this.#proving ??= this.#prove().finally(() => {
      this.#proving = null;
    });
    return this.#proving;
  }

  dropRejectedToken(): boolean {
    const hadSession = this.#session !== null;
    this.#session = null;
    return hadSession;
  }

  async #prove(): Promise<string> {
    const key = await this.#key();
    if (key === null) {
      if (this.permanentToken !== undefined) return this.permanentToken;
      if (this.#keyUnreadable) throw keyUnreadable();
      throw new ApiProblem(401, roomTexts.notSignedIn, roomTexts.browserLostKeyProves);
    }
    const { nonce } = await identityApi.requestNonce(this.identity).catch((problem) => {
      if (!(problem instanceof ApiProblem) || problem.status !== 404) throw problem;
      throw new ApiProblem(401, roomTexts.notSignedIn, roomTexts.serverNotKnowKeyBrowser);
    });
    const signature = await key.sign(proofText(window.location.origin, this.identity, nonce));
    const { token, expiresAt } = await identityApi.openSession(this.identity, nonce, signature);
    this.#session = { token, renewAt: expiresAt - RENEW_BEFORE_END_MS };
    return token;
  }

  /**
   * The key of this identity, or null. For an identity with only a token, creates a key and registers it at the server.
   */
  async #key(): Promise<SigningKey | null> {
    this.#keyUnreadable = !keysPossible();
    if (this.#keyUnreadable) return null;
    let key: SigningKey | null;
    try {
      key = await SigningKey.load(this.identity);
      if (this.permanentToken === undefined) return key;
      key ??= await (await SigningKey.make()).store(this.identity);
    } catch {
      this.#keyUnreadable = true;
      return null;
    }
    try {
      await identityApi.attachKey(this.identity, key.publicKey, this.permanentToken);
    } catch (problem) {
      // A 401 means that the key was attached by an earlier request whose response was lost: the token ended then.
      if (!(problem instanceof ApiProblem) || problem.status !== 401) return null;
    }
    const me = memory.me();
    if (me?.identity === this.identity) memory.setMe({ identity: me.identity, name: me.name });
    this.permanentToken = undefined;
    return key;
  }
}

/** The problem code for "this browser cannot read the key that proves this person's identity". */
export const KEY_UNREADABLE = "key-unreadable";

function keyUnreadable(): ApiProblem {
  const detail = roomTexts.browserCannotReadKeyProves;
  return new ApiProblem(401, roomTexts.notSignedIn, detail, null, null, {
    type: `urn:parlor:${KEY_UNREADABLE}`,
  });
}

const credentials = new Map<string, Credential>();

/** The credential of an identity. All parts of the page get the same object, so that they share one session. */
export function credentialOf(me: OwnIdentity): TokenSource {
  let found = credentials.get(me.identity);
  if (found === undefined) {
    found = new Credential(me.identity, me.token);
    credentials.set(me.identity, found);
  }
  return found;
}

/** The time that IndexedDB may take to answer before it counts as blocked. */
const STORAGE_ANSWER_MS = 2_000;

/** Whether this browser stores the identity and the documents beyond this page, in localStorage and in IndexedDB. */
export async function browserStoresData(): Promise<boolean> {
  if (!memory.outlivesPage() || !hasIndexedDb()) return false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STORAGE_ANSWER_MS);
  });
  const readable = SigningKey.load("trial").then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([readable, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Creates an identity on the server under a name, with a key pair if the browser can keep one. */
export async function createIdentity(name: string): Promise<OwnIdentity> {
  const key = await makeStorableKey();
  const me: OwnIdentity =
    key === null ? { ...(await identityApi.create(name)), name } : await createIdentityWithKey(key, name);
  memory.setMe(me);
  return me;
}

/** Creates an identity that ends with this page, for a browser that cannot read the key of the stored identity. */
export async function createTemporaryIdentity(name: string): Promise<OwnIdentity> {
  const me: OwnIdentity = { ...(await identityApi.create(name)), name };
  memory.setTemporaryMe(me);
  return me;
}

/** Creates a key, or returns null if the browser cannot store keys, as in some private windows. */
async function makeStorableKey(): Promise<SigningKey | null> {
  if (!keysPossible()) return null;
  try {
    const key = await SigningKey.make();
    const trial = `trial-${uuid7()}`;
    await key.store(trial);
    await SigningKey.delete(trial);
    return key;
  } catch {
    return null;
  }
}

/** Creates the identity with this key, or with a token if the key cannot be stored. */
async function createIdentityWithKey(key: SigningKey, name: string): Promise<OwnIdentity> {
  const { identity } = await identityApi.create(name, key.publicKey);
  try {
    await key.store(identity);
  } catch {
    return { ...(await identityApi.create(name)), name };
  }
  return { identity, name };
}
