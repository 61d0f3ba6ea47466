import { hearServerTime } from "./clock";
import type { Role } from "./document";

/** A problem that the server named (`application/problem+json`), or "unreachable" with status 0. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null = null,
    readonly rule: string | null = null,
    /** All members of the problem document, such as the holder's name of a 409. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title);
    this.name = "ApiProblem";
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

export interface Identity {
  readonly identity: string;
  /** Only of an identity without a key pair. */
  readonly token?: string;
}

/** Whoever can give the token that proves who one is. */
export interface Bearer {
  bearer(): Promise<string>;
  /** Forgets what the server did not accept; whether another try makes sense. */
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
}

export interface Preview {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly text: string;
  readonly tokensMax: number | null;
  readonly cards: readonly string[];
  readonly problems: readonly unknown[];
}

export interface ServerConfig {
  readonly version: string;
  readonly storageId: string;
  readonly peerId: string;
  readonly model: { readonly name: string; readonly rehearsal: boolean };
  readonly limits: Readonly<Record<string, number>>;
}

interface Credentials {
  readonly who?: Bearer | undefined;
  readonly token?: string | undefined;
  readonly key?: string | undefined;
}

/** One request; a second one when the session had run out or the server knows it no more. */
async function call<T>(
  method: string,
  path: string,
  body: unknown,
  { who, ...shown }: Credentials,
  signal?: AbortSignal,
): Promise<T> {
  if (who === undefined) return ask(method, path, body, shown, signal);
  try {
    return await ask(method, path, body, { ...shown, token: await who.bearer() }, signal);
  } catch (problem) {
    if (!(problem instanceof ApiProblem) || problem.status !== 401 || !who.renew()) throw problem;
    return ask(method, path, body, { ...shown, token: await who.bearer() }, signal);
  }
}

async function ask<T>(
  method: string,
  path: string,
  body: unknown,
  who: Omit<Credentials, "who">,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (who.token !== undefined) headers.Authorization = `Bearer ${who.token}`;
  if (who.key !== undefined) headers["Parlor-Key"] = who.key;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(15_000),
      cache: "no-store",
    });
  } catch {
    throw new ApiProblem(0, "Unreachable", "The server cannot be reached.");
  }
  hearServerTime(response.headers.get("Date"));
  const text = await response.text();
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
  createRoom: (title: string | undefined, who?: Bearer) =>
    call<CreatedRoom>("POST", "/api/rooms", title === undefined ? {} : { title }, { who }),
};

const identityPath = (identity: string, rest: string): string =>
  `/api/identities/${encodeURIComponent(identity)}/${rest}`;

/** What proves identities; see credential.ts. */
export const identityApi = {
  create: (name: string, publicKey?: JsonWebKey) =>
    call<Identity>("POST", "/api/identities", { name, publicKey }, {}),
  attach: (identity: string, publicKey: JsonWebKey, token: string) =>
    call<unknown>("POST", identityPath(identity, "key"), { publicKey }, { token }),
  nonce: (identity: string) =>
    call<{ readonly nonce: string }>("POST", identityPath(identity, "nonce"), {}, {}),
  open: (identity: string, nonce: string, signature: string) =>
    call<{ readonly token: string; readonly expiresAt: number }>(
      "POST",
      identityPath(identity, "sessions"),
      { nonce, signature },
      {},
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

  ticket(): Promise<{ readonly url: string; readonly expiresAt: unknown }> {
    return call("POST", `${this.#base}/tickets`, {}, this.who);
  }

  /** Only a host's key is answered. */
  async links(): Promise<Links> {
    return (await call<{ readonly links: Links }>("GET", `${this.#base}/links`, undefined, this.who)).links;
  }

  /** Starts a generation through the server; rejects with status 409 when somebody's is running. */
  generate(query: string): Promise<{ readonly request: string }> {
    return call("POST", `${this.#base}/generate`, { query }, this.who);
  }

  stop(): Promise<unknown> {
    return call("POST", `${this.#base}/stop`, {}, this.who);
  }

  /** What would be sent to the model, from the same code as the real call. */
  preview(query: string, signal?: AbortSignal): Promise<Preview> {
    return call("POST", `${this.#base}/generate?dryRun=1`, { query }, this.who, signal);
  }

  async export(as: "automerge" | "json" | "markdown"): Promise<Blob> {
    const response = await fetch(`${this.#base}/export?as=${as}`, {
      headers: { Authorization: `Bearer ${await this.who.who.bearer()}`, "Parlor-Key": this.who.key },
    });
    if (!response.ok) throw new ApiProblem(response.status, "Export failed", await response.text());
    return response.blob();
  }
}

/** What the door shows before one joins. */
export interface RoomPeek {
  readonly title: string;
  readonly names: readonly string[];
}

/** A look at a room with nothing but its key. */
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
