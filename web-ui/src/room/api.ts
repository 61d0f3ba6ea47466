import { basePath, withBase } from "../page/base";
import { roomTexts } from "../texts";
import { updateServerTime } from "./clock";
import type { Role } from "./schema/document";
import type { Challenge, NewSecret } from "./secret";

/** An error response of the server (`application/problem+json`), or a failed request: "unreachable" with status 0. */
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

/** An invitation: a link that a host made and limited in time or uses. */
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

/** Provides the token that proves a person's identity to the server. */
export interface TokenSource {
  token(): Promise<string>;
  /** Forgets the current token because the server rejected it. Returns whether a retry may get a new token. */
  dropRejectedToken(): boolean;
}

/** A file on the server from which a room can be made. */
export interface RoomFile {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Whether other people can enter a room of this file. */
  readonly multiplayer: boolean;
  /** Whether all rooms of this file are one room. */
  readonly shared: boolean;
  readonly maxPlayers: number;
}

export interface CreatedRoom {
  readonly slug: string;
  readonly documentId: string;
  readonly automergeUrl: string;
  readonly links: Links;
  readonly sync: Links;
}

/** A room that was forked. */
export interface ParentRoom {
  readonly title: string;
  readonly slug: string | null;
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
  readonly room: {
    readonly owner: string | null;
    /** The room that this room was forked from, with its slug only if this person may enter it. Missing from older servers. */
    readonly parent?: ParentRoom | null;
  };
}

export interface Preview {
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly images?: readonly { readonly id: string; readonly mediaType: string; readonly bytes: number }[];
  }[];
  readonly text: string;
  readonly tokensMax: number | null;
  /** The source of the limit: a card, a setting of this server, or the model's own maximum, which its endpoint requires. */
  readonly limitedBy?: "card" | "setting" | "model" | null;
  /** The number of earlier answers that did not fit. */
  readonly omitted?: number;
  /** The exact JSON of the request to the model. */
  readonly body?: string;
  readonly cards: readonly string[];
  readonly problems: readonly unknown[];
  /** The expected size and cost; costs are in millionths of a US dollar. Missing from older servers. */
  readonly estimate?: {
    readonly endpoint: string;
    readonly promptTokens: number;
    readonly contextTokens: number | null;
    readonly costMicros: number | null;
    /** The cost with an answer up to the token limit. */
    readonly costMicrosMax: number | null;
  };
}

/** An image that the server has stored for a room. */
export interface StoredImage {
  /** The id of its bytes, which cards, messages and questions name. */
  readonly id: string;
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** A model that a room may choose. */
export interface OfferedModel {
  readonly name: string;
  readonly endpoint: string;
  readonly contextTokens: number | null;
  readonly tokensMax: number | null;
  readonly images: boolean;
  /** US dollars per million tokens. */
  readonly price: { readonly input: number; readonly output: number } | null;
  readonly waits: { readonly firstWordMs: number; readonly betweenWordsMs: number; readonly totalMs: number };
}

export interface ServerConfig {
  readonly version: string;
  readonly storageId: string;
  readonly peerId: string;
  /** When a change counts as saved; missing from older servers. */
  readonly saved?: "disk" | "quorum";
  readonly model: {
    readonly name: string;
    /** Models that the room may choose instead. */
    readonly further: readonly string[];
    readonly rehearsal: boolean;
    /** All models, the default first; missing from older servers. */
    readonly models?: readonly OfferedModel[];
  };
  readonly limits: Readonly<Record<string, number>>;
  /** Missing on a server that does not publish apps. */
  readonly apps?: {
    /** The address of a published app, with the places `{user}` and `{app}`. */
    readonly address: string;
  };
}

/** The condition of the server's parts. The part `log` is the storage of a server that runs on several machines. */
export interface ServerHealth {
  readonly parts: Readonly<Record<string, { readonly well: boolean; readonly detail: string }>>;
}

/** The time limit of a request with its whole response. After it, the request fails as "unreachable". */
const REQUEST_MS = 15_000;
/** The time limit of the two small requests that prove the identity. It is short: other requests wait for them. */
const PROOF_MS = 5_000;
/** The time limit of a request that uploads or downloads a whole room. */
const LARGE_MS = 60_000;

interface Credentials {
  readonly tokenSource?: TokenSource | undefined;
  readonly token?: string | undefined;
  readonly key?: string | undefined;
}

/** Sends a request. Sends it again with a new token if the server rejected the token of an ended session. */
async function call<T>(
  method: string,
  path: string,
  body: unknown,
  { tokenSource, ...otherCredentials }: Credentials,
  signal?: AbortSignal,
  limitMs = REQUEST_MS,
): Promise<T> {
  if (tokenSource === undefined) return send(method, path, body, otherCredentials, signal, limitMs);
  try {
    return await send(
      method,
      path,
      body,
      { ...otherCredentials, token: await tokenSource.token() },
      signal,
      limitMs,
    );
  } catch (problem) {
    if (!(problem instanceof ApiProblem) || problem.status !== 401 || !tokenSource.dropRejectedToken())
      throw problem;
    return send(
      method,
      path,
      body,
      { ...otherCredentials, token: await tokenSource.token() },
      signal,
      limitMs,
    );
  }
}

async function send<T>(
  method: string,
  path: string,
  body: unknown,
  credentials: Omit<Credentials, "who">,
  signal: AbortSignal | undefined,
  limitMs: number,
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body instanceof Blob) headers["Content-Type"] = "application/vnd.automerge";
  else if (body !== undefined) headers["Content-Type"] = "application/json";
  if (credentials.token !== undefined) headers.Authorization = `Bearer ${credentials.token}`;
  if (credentials.key !== undefined && credentials.key !== "") headers["Parlor-Key"] = credentials.key;
  let response: Response;
  let text: string;
  const sentAt = Date.now();
  try {
    response = await fetch(withBase(path), {
      method,
      headers,
      body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
      signal: limited(signal, limitMs),
      cache: "no-store",
    });
    updateServerTime(response.headers.get("Date"), Date.now(), sentAt);
    text = await response.text();
  } catch (problem) {
    throw unreachable(problem);
  }
  const json = parse(text);
  if (response.ok) return json as T;
  throw problemOf(response.status, json);
}

function problemOf(status: number, json: Record<string, unknown>): ApiProblem {
  const member = (name: string): string => (typeof json[name] === "string" ? json[name] : "");
  return new ApiProblem(
    status,
    member("title") || roomTexts.error(status),
    member("detail"),
    member("field") || null,
    member("rule") || null,
    json,
  );
}

/** The caller's signal, if any, combined with a time limit. */
function limited(signal: AbortSignal | undefined, limitMs: number): AbortSignal {
  const limit = AbortSignal.timeout(limitMs);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}

function unreachable(problem: unknown): ApiProblem {
  const timedOut = problem instanceof DOMException && problem.name === "TimeoutError";
  const detail = timedOut ? roomTexts.serverNotAnswerTime : roomTexts.serverCannotReached;
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
  health: () => call<ServerHealth>("GET", "/api/health", undefined, {}),
  config: () => call<ServerConfig>("GET", "/api/config", undefined, {}),
  createRoom: (
    title: string | undefined,
    tokenSource?: TokenSource,
    secret?: NewSecret,
    /** The id of a room file. */
    template?: string,
  ) => call<CreatedRoom>("POST", "/api/rooms", { title, secret, template }, { tokenSource }),
  /** The files from which rooms can be made. */
  roomFiles: async () =>
    (await call<{ readonly roomFiles: readonly RoomFile[] }>("GET", "/api/room-files", undefined, {}))
      .roomFiles,
  /** Creates a new room from the export of a room: its JSON, or the file with its Automerge document. */
  importRoom: (room: unknown, tokenSource?: TokenSource) =>
    call<CreatedRoom>("POST", "/api/rooms/import", room, { tokenSource }, undefined, LARGE_MS),
};

const identityPath = (identity: string, subpath: string): string =>
  `/api/identities/${encodeURIComponent(identity)}/${subpath}`;

/** The requests that create identities and prove them; see credential.ts. */
export const identityApi = {
  create: (name: string, publicKey?: JsonWebKey) =>
    call<Identity>("POST", "/api/identities", { name: name || undefined, publicKey }, {}),
  attachKey: (identity: string, publicKey: JsonWebKey, token: string) =>
    call<unknown>("POST", identityPath(identity, "key"), { publicKey }, { token }),
  requestNonce: (identity: string) =>
    call<{ readonly nonce: string }>("POST", identityPath(identity, "nonce"), {}, {}, undefined, PROOF_MS),
  openSession: (identity: string, nonce: string, signature: string) =>
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
    private readonly credentials: { readonly tokenSource: TokenSource; readonly key: string },
  ) {
    this.#base = `/api/rooms/${encodeURIComponent(slug)}`;
  }

  join(person: { name: string; avatar?: string | undefined; color?: string | undefined }): Promise<Joined> {
    return call("POST", `${this.#base}/join`, person, this.credentials);
  }

  ticket(
    limitMs: number,
  ): Promise<{ readonly url: string; readonly role: Role; readonly expiresAt: unknown }> {
    return call("POST", `${this.#base}/tickets`, {}, this.credentials, undefined, limitMs);
  }

  secretChallenge(): Promise<Challenge> {
    return call("POST", `${this.#base}/secret/nonce`, {}, this.credentials);
  }

  answerSecret(nonce: string, proof: string): Promise<unknown> {
    return call("POST", `${this.#base}/secret`, { nonce, proof }, this.credentials);
  }

  /** The time when the owner made the valid recovery key, or null. */
  async recoveryKeyMadeAt(): Promise<number | null> {
    return (
      await call<{ readonly madeAt: number | null }>(
        "GET",
        `${this.#base}/recovery-key`,
        undefined,
        this.credentials,
      )
    ).madeAt;
  }

  /** Makes a new recovery key. An earlier key becomes invalid. */
  async newRecoveryKey(): Promise<string> {
    return (
      await call<{ readonly recoveryKey: string }>("POST", `${this.#base}/recovery-key`, {}, this.credentials)
    ).recoveryKey;
  }

  /** Makes this person the owner of the room. */
  recover(recoveryKey: string): Promise<unknown> {
    return call("POST", `${this.#base}/recover`, { recoveryKey }, this.credentials);
  }

  /** The links of all roles. The server gives them to hosts only. */
  async links(): Promise<Links> {
    return (await call<{ readonly links: Links }>("GET", `${this.#base}/links`, undefined, this.credentials))
      .links;
  }

  /** Whether a host has locked the room, so that only members may enter. Only hosts may ask. */
  async isLocked(): Promise<boolean> {
    return (
      await call<{ readonly locked: boolean }>("GET", `${this.#base}/links`, undefined, this.credentials)
    ).locked;
  }

  /** Locks or unlocks the room. */
  async setLocked(locked: boolean): Promise<void> {
    await call("POST", `${this.#base}/lock`, { locked }, this.credentials);
  }

  /** Ends a role's link for all people who used it, and creates a new one. Returns the new links of all roles. */
  async replaceLink(role: Role): Promise<Links> {
    return (
      await call<{ readonly links: Links }>(
        "DELETE",
        `${this.#base}/links/${role}`,
        undefined,
        this.credentials,
      )
    ).links;
  }

  async invitations(): Promise<readonly Invitation[]> {
    const all = await call<{ readonly invitations: readonly Invitation[] }>(
      "GET",
      `${this.#base}/invitations`,
      undefined,
      this.credentials,
    );
    return all.invitations;
  }

  invite(limits: {
    readonly role: Role;
    readonly ttlSeconds?: number | undefined;
    readonly uses?: number | undefined;
  }): Promise<Invitation> {
    return call("POST", `${this.#base}/invitations`, limits, this.credentials);
  }

  endInvitation(id: string): Promise<Invitation> {
    return call("DELETE", `${this.#base}/invitations/${encodeURIComponent(id)}`, undefined, this.credentials);
  }

  /** Gives a person a role, which applies whatever link the person has. */
  setRole(identity: string, role: Role): Promise<unknown> {
    return call("POST", this.#participantPath(identity, "role"), { role }, this.credentials);
  }

  /** Removes a person at once, and with `endLink` also all other people who used the same link. */
  remove(identity: string, endLink: boolean): Promise<unknown> {
    return call("POST", this.#participantPath(identity, "kick"), { endLink }, this.credentials);
  }

  letInAgain(identity: string): Promise<unknown> {
    return call("DELETE", this.#participantPath(identity, "kick"), undefined, this.credentials);
  }

  #participantPath(identity: string, subpath: string): string {
    return `${this.#base}/participants/${encodeURIComponent(identity)}/${subpath}`;
  }

  /** Starts a generation through the server. Rejects with status 409 if another one is running. */
  generate(query: string, after = ""): Promise<{ readonly request: string }> {
    return call("POST", `${this.#base}/generate`, { query, after }, this.credentials);
  }

  /** Makes a copy of the room that belongs to this person. */
  fork(): Promise<CreatedRoom> {
    return call("POST", `${this.#base}/fork`, {}, this.credentials, undefined, LARGE_MS);
  }

  stop(): Promise<unknown> {
    return call("POST", `${this.#base}/stop`, {}, this.credentials);
  }

  /** The request that Generate would send to the model. The server builds it with the code of the real call. */
  preview(
    query: string,
    after: string,
    signal?: AbortSignal,
    attach: readonly unknown[] = [],
  ): Promise<Preview> {
    const body = attach.length === 0 ? { query, after } : { query, after, attach };
    return call("POST", `${this.#base}/generate?dryRun=1`, body, this.credentials, signal);
  }

  /** Uploads an image. `onProgress` gets the sent part, from 0 to 1. */
  async uploadImage(
    file: Blob,
    onProgress: (part: number) => void,
    signal: AbortSignal,
  ): Promise<StoredImage> {
    const { tokenSource, key } = this.credentials;
    const send = async () =>
      sendFile<StoredImage>(
        `${this.#base}/images`,
        file,
        { token: await tokenSource.token(), key },
        onProgress,
        signal,
      );
    try {
      return await send();
    } catch (problem) {
      const isRejected = problem instanceof ApiProblem && problem.status === 401;
      if (!isRejected || !tokenSource.dropRejectedToken()) throw problem;
      return send();
    }
  }

  /** The bytes of an image. An `img` element sends no headers, so the page shows them from an object URL. */
  async image(id: string): Promise<Blob> {
    const response = await this.#fetchFile(`/images/${encodeURIComponent(id)}`);
    if (!response.ok)
      throw new ApiProblem(response.status, "No image", "The server does not have this image.");
    return response.blob();
  }

  async #fetchFile(subpath: string): Promise<Response> {
    const headers = {
      Authorization: `Bearer ${await this.credentials.tokenSource.token()}`,
      ...(this.credentials.key !== "" && { "Parlor-Key": this.credentials.key }),
    };
    try {
      return await fetch(`${basePath}${this.#base}${subpath}`, {
        headers,
        signal: limited(undefined, LARGE_MS),
      });
    } catch (problem) {
      throw unreachable(problem);
    }
  }

  async export(as: "automerge" | "json" | "markdown"): Promise<Blob> {
    const headers = {
      Authorization: `Bearer ${await this.credentials.tokenSource.token()}`,
      ...(this.credentials.key !== "" && { "Parlor-Key": this.credentials.key }),
    };
    let response: Response;
    let file: Blob;
    try {
      response = await fetch(`${basePath}${this.#base}/export?as=${as}`, {
        headers,
        signal: limited(undefined, LARGE_MS),
      });
      file = await response.blob();
    } catch (problem) {
      throw unreachable(problem);
    }
    if (!response.ok) throw new ApiProblem(response.status, roomTexts.exportFailed, await file.text());
    return file;
  }
}

/** Sends a file with progress, which `fetch` does not report. */
function sendFile<T>(
  path: string,
  file: Blob,
  credentials: Omit<Credentials, "tokenSource">,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.timeout = LARGE_MS;
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Authorization", `Bearer ${credentials.token}`);
    if (credentials.key) request.setRequestHeader("Parlor-Key", credentials.key);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      const json = parse(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(json as T);
      else reject(problemOf(request.status, json));
    };
    request.onerror = () => reject(unreachable(null));
    request.ontimeout = () => reject(unreachable(new DOMException("", "TimeoutError")));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    if (signal.aborted) reject(new DOMException("", "AbortError"));
    else request.send(file);
  });
}

/** The data of the entry page before a person joins. */
export interface RoomPeek {
  readonly title: string;
  readonly names: readonly string[];
}

/** Reads a room's title and names with the key alone, before the person has an identity. */
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
