import { hearServerTime } from "./clock";
import type { Role } from "./schema/document";
import type { Challenge, NewSecret } from "./secret";

/** A problem that the server named (`application/problem+json`), or "unreachable" with status 0. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null = null,
    readonly rule: string | null = null,
    /** All members of the problem document, such as `holderName` of a 409. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
    this.name = "ApiProblem";
  }

  /** The stable name of the problem, such as "kicked". */
  get code(): string {
    const { type } = this.body;
    return typeof type === "string" ? (type.split(":").at(-1) ?? "") : "";
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export interface Links {
  readonly host: string;
  readonly player: string;
  readonly spectator: string;
}

/** An invitation: a link with limits that a host made. */
export interface Invitation {
  readonly id: string;
  readonly role: Role;
  readonly by: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** The number of people that may use it, or null for any number; `used` counts them. */
  readonly uses: number | null;
  readonly used: number | null;
  readonly state: "open" | "used-up" | "expired" | "revoked";
  readonly link: string;
}

export interface Identity {
  readonly identity: string;
  /** Only for an identity without a key pair. */
  readonly token?: string;
}

/** A source of the token that proves the identity. */
export interface Bearer {
  bearer(): Promise<string>;
  /** Forgets a token that the server did not accept. Returns whether another try makes sense. */
  renew(): boolean;
}

export interface CreatedRoom {
  readonly slug: string;
  readonly documentId: string;
  readonly automergeUrl: string;
  readonly links: Links;
  readonly sync: Links;
}

export interface Joined {
  readonly slug: string;
  readonly documentId: string;
  readonly automergeUrl: string;
  readonly identity: string;
  readonly role: Role;
  readonly storageId: string;
  /** The key for the address bar in the place of the used key, or null. */
  readonly addressKey: string | null;
  readonly room: { readonly owner: string | null };
}

export interface Preview {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly text: string;
  readonly tokensMax: number | null;
  /** The origin of the limit: a card, or a setting of this server. */
  readonly limitedBy?: "card" | "setting" | null;
  /** Earlier answers that did not fit. */
  readonly omitted?: number;
  /** The exact JSON of the request to the model. */
  readonly body?: string;
  readonly cards: readonly string[];
  readonly problems: readonly unknown[];
}

export interface ServerConfig {
  readonly version: string;
  readonly storageId: string;
  readonly peerId: string;
  readonly model: {
    readonly name: string;
    /** Models that the room may choose instead. */
    readonly further: readonly string[];
    readonly rehearsal: boolean;
  };
  readonly limits: Readonly<Record<string, number>>;
}

/** Limit for a request with its whole answer. After it the caller gets "unreachable". */
const REQUEST_MS = 15_000;
/** Limit for the two small requests that prove the identity: all other requests wait for them. */
const PROOF_MS = 5_000;
/** Limit for files: a room that is sent or fetched as a whole. */
const LARGE_MS = 60_000;

interface Credentials {
  readonly who?: Bearer | undefined;
  readonly token?: string | undefined;
  readonly key?: string | undefined;
}

/** Sends a request, and sends it again if the session had ended or the server no longer knows it. */
async function call<T>(
  method: string,
  path: string,
  body: unknown,
  { who, ...shown }: Credentials,
  signal?: AbortSignal,
  limitMs = REQUEST_MS,
): Promise<T> {
  if (who === undefined) return ask(method, path, body, shown, signal, limitMs);
  try {
    return await ask(method, path, body, { ...shown, token: await who.bearer() }, signal, limitMs);
  } catch (problem) {
    if (!(problem instanceof ApiProblem) || problem.status !== 401 || !who.renew()) throw problem;
    return ask(method, path, body, { ...shown, token: await who.bearer() }, signal, limitMs);
  }
}

async function ask<T>(
  method: string,
  path: string,
  body: unknown,
  who: Omit<Credentials, "who">,
  signal: AbortSignal | undefined,
  limitMs: number,
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (who.token !== undefined) headers.Authorization = `Bearer ${who.token}`;
  if (who.key !== undefined && who.key !== "") headers["Parlor-Key"] = who.key;
  let response: Response;
  let text: string;
  const asked = Date.now();
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: limited(signal, limitMs),
      cache: "no-store",
    });
    hearServerTime(response.headers.get("Date"), Date.now(), asked);
    text = await response.text();
  } catch (problem) {
    throw unreachable(problem);
  }
  const json = parse(text);
  if (response.ok) return json as T;
  const member = (name: string): string => (typeof json[name] === "string" ? json[name] : "");
  throw new ApiProblem(
    response.status,
    member("title") || `Error ${response.status}`,
    member("detail"),
    member("field") || null,
    member("rule") || null,
    json,
  );
}

/** The caller's signal combined with a time limit: no request waits for ever. */
function limited(signal: AbortSignal | undefined, limitMs: number): AbortSignal {
  const limit = AbortSignal.timeout(limitMs);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}

function unreachable(problem: unknown): ApiProblem {
  const late = problem instanceof DOMException && problem.name === "TimeoutError";
  const detail = late ? "The server did not answer in time." : "The server cannot be reached.";
  return new ApiProblem(0, "Unreachable", detail);
}

function parse(text: string): Record<string, unknown> {
  if (text === "") return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const serverApi = {
  config: () => call<ServerConfig>("GET", "/api/config", undefined, {}),
  createRoom: (title: string | undefined, who?: Bearer, secret?: NewSecret) =>
    call<CreatedRoom>("POST", "/api/rooms", { title, secret }, { who }),
  /** Creates a new room from a room's JSON export. */
  importRoom: (room: unknown, who?: Bearer) =>
    call<CreatedRoom>("POST", "/api/rooms/import", room, { who }, undefined, LARGE_MS),
};

const identityPath = (identity: string, rest: string): string =>
  `/api/identities/${encodeURIComponent(identity)}/${rest}`;

/** The credentials that prove identities; see credential.ts. */
export const identityApi = {
  create: (name: string, publicKey?: JsonWebKey) =>
    call<Identity>("POST", "/api/identities", { name: name || undefined, publicKey }, {}),
  attach: (identity: string, publicKey: JsonWebKey, token: string) =>
    call<unknown>("POST", identityPath(identity, "key"), { publicKey }, { token }),
  nonce: (identity: string) =>
    call<{ readonly nonce: string }>("POST", identityPath(identity, "nonce"), {}, {}, undefined, PROOF_MS),
  open: (identity: string, nonce: string, signature: string) =>
    call<{ readonly token: string; readonly expiresAt: number }>(
      "POST",
      identityPath(identity, "sessions"),
      { nonce, signature },
      {},
      undefined,
      PROOF_MS,
    ),
};

/** The HTTP interface of one room for one person. The key travels in a header, never in a URL. */
export class RoomApi {
  readonly #base: string;

  constructor(
    readonly slug: string,
    private readonly who: { readonly who: Bearer; readonly key: string },
  ) {
    this.#base = `/api/rooms/${encodeURIComponent(slug)}`;
  }

  join(person: { name: string; avatar?: string | undefined; color?: string | undefined }): Promise<Joined> {
    return call("POST", `${this.#base}/join`, person, this.who);
  }

  ticket(
    limitMs: number,
  ): Promise<{ readonly url: string; readonly role: Role; readonly expiresAt: unknown }> {
    return call("POST", `${this.#base}/tickets`, {}, this.who, undefined, limitMs);
  }

  secretChallenge(): Promise<Challenge> {
    return call("POST", `${this.#base}/secret/nonce`, {}, this.who);
  }

  answerSecret(nonce: string, proof: string): Promise<unknown> {
    return call("POST", `${this.#base}/secret`, { nonce, proof }, this.who);
  }

  /** The time when the owner made the valid recovery key, or null. */
  async recoveryKeyMadeAt(): Promise<number | null> {
    return (
      await call<{ readonly madeAt: number | null }>("GET", `${this.#base}/recovery-key`, undefined, this.who)
    ).madeAt;
  }

  /** Makes a new recovery key. An earlier key becomes invalid. */
  async newRecoveryKey(): Promise<string> {
    return (await call<{ readonly recoveryKey: string }>("POST", `${this.#base}/recovery-key`, {}, this.who))
      .recoveryKey;
  }

  /** Makes this person the owner of the room. */
  recover(recoveryKey: string): Promise<unknown> {
    return call("POST", `${this.#base}/recover`, { recoveryKey }, this.who);
  }

  /** The server answers hosts only. */
  async links(): Promise<Links> {
    return (await call<{ readonly links: Links }>("GET", `${this.#base}/links`, undefined, this.who)).links;
  }

  /** Ends a role's link for all people who used it. Returns the links as they are afterwards. */
  async replaceLink(role: Role): Promise<Links> {
    return (
      await call<{ readonly links: Links }>("DELETE", `${this.#base}/links/${role}`, undefined, this.who)
    ).links;
  }

  async invitations(): Promise<readonly Invitation[]> {
    const all = await call<{ readonly invitations: readonly Invitation[] }>(
      "GET",
      `${this.#base}/invitations`,
      undefined,
      this.who,
    );
    return all.invitations;
  }

  invite(wish: {
    readonly role: Role;
    readonly ttlSeconds?: number | undefined;
    readonly uses?: number | undefined;
  }): Promise<Invitation> {
    return call("POST", `${this.#base}/invitations`, wish, this.who);
  }

  endInvitation(id: string): Promise<Invitation> {
    return call("DELETE", `${this.#base}/invitations/${encodeURIComponent(id)}`, undefined, this.who);
  }

  /** Gives a person a role, which applies whatever link the person has. */
  setRole(identity: string, role: Role): Promise<unknown> {
    return call("POST", this.#person(identity, "role"), { role }, this.who);
  }

  /** Removes a person at once, and with `endLink` also all other people who used the same link. */
  remove(identity: string, endLink: boolean): Promise<unknown> {
    return call("POST", this.#person(identity, "kick"), { endLink }, this.who);
  }

  letInAgain(identity: string): Promise<unknown> {
    return call("DELETE", this.#person(identity, "kick"), undefined, this.who);
  }

  #person(identity: string, what: string): string {
    return `${this.#base}/participants/${encodeURIComponent(identity)}/${what}`;
  }

  /** Starts a generation through the server. Rejects with status 409 if another one is running. */
  generate(query: string, after = ""): Promise<{ readonly request: string }> {
    return call("POST", `${this.#base}/generate`, { query, after }, this.who);
  }

  stop(): Promise<unknown> {
    return call("POST", `${this.#base}/stop`, {}, this.who);
  }

  /** The request to the model, from the same code as the real call. */
  preview(query: string, signal?: AbortSignal): Promise<Preview> {
    return call("POST", `${this.#base}/generate?dryRun=1`, { query }, this.who, signal);
  }

  async export(as: "automerge" | "json" | "markdown"): Promise<Blob> {
    const headers = {
      Authorization: `Bearer ${await this.who.who.bearer()}`,
      ...(this.who.key !== "" && { "Parlor-Key": this.who.key }),
    };
    let response: Response;
    let file: Blob;
    try {
      response = await fetch(`${this.#base}/export?as=${as}`, {
        headers,
        signal: limited(undefined, LARGE_MS),
      });
      file = await response.blob();
    } catch (problem) {
      throw unreachable(problem);
    }
    if (!response.ok) throw new ApiProblem(response.status, "Export failed", await file.text());
    return file;
  }
}

/** The data of the entry page before a person joins. */
export interface RoomPeek {
  readonly title: string;
  readonly names: readonly string[];
}

/** Reads a room with nothing but its key. */
export async function peekRoom(slug: string, key: string, signal: AbortSignal): Promise<RoomPeek> {
  const room = await call<Record<string, unknown>>(
    "GET",
    `/api/rooms/${encodeURIComponent(slug)}`,
    undefined,
    { key },
    signal,
  );
  const people = Object.values((room.participants ?? {}) as Record<string, { name?: unknown }>);
  return {
    title: typeof room.title === "string" ? room.title : "",
    names: people.map(({ name }) => (typeof name === "string" ? name : "")).filter((name) => name !== ""),
  };
}
