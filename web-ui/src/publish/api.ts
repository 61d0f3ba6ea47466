import { basePath } from "../page/base";
import type { TokenSource } from "../room/api";
import { publishTexts } from "../texts";

/** One file of an app, as the page has it: a path that begins with a slash, and text. */
export interface AppFile {
  readonly name: string;
  readonly text: string;
  /** Whether the app starts with this file. Without one the server takes `/index.html` or `/App.jsx`. */
  readonly entryPoint?: boolean;
}

/** The two names in an app's address: of its user, and of the app among the user's apps. */
export interface AppName {
  readonly userSlug: string;
  readonly appSlug: string;
}

export type Mode = "dev" | "production";

/** Files to publish under a name. */
export interface PublishRequest {
  readonly name: AppName;
  readonly files: readonly AppFile[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Missing leaves the app's page as it is. The page of a new app shows no author. */
  readonly author?: Author | undefined;
}

/** Whether the app's page shows its author's name. */
export type Author =
  | { readonly showAuthor: false }
  | { readonly showAuthor: true; readonly authorName: string };

export interface Deployed extends AppName {
  readonly fsId: string;
  readonly mode: Mode;
  /** The number of the release, from 1. */
  readonly releaseSeq: number;
  /** The address of the app itself. */
  readonly entryPointUrl: string;
  /** The address of the page that shows the app in a frame. */
  readonly wrapperUrl: string;
  readonly warnings: readonly string[];
}

export interface Version {
  readonly fsId: string;
  readonly mode: Mode;
  readonly releaseSeq: number;
  /** ISO 8601. */
  readonly created: string;
  /** Whether the app's address shows this version now. */
  readonly published: boolean;
}

export interface AppSummary extends AppName {
  /** ISO 8601. */
  readonly updated: string;
}

export interface StoredFile {
  readonly fileName: string;
  readonly mimeType: string;
  readonly assetId: string;
  readonly size: number;
  readonly entryPoint?: boolean;
  /** Present on a source that was compiled and on files that the server made. */
  readonly transform?: { readonly type: string };
}

/** A release that a person may read, or the reason for its absence. */
export interface FoundApp extends AppName {
  readonly grant: "owner" | "public-access" | "not-found" | "unpublished";
  readonly fsId?: string;
  readonly fileSystem: readonly StoredFile[];
  readonly env: Readonly<Record<string, string>>;
  readonly showAuthor?: boolean;
  /** Present if the app's page shows its author. */
  readonly authorName?: string;
}

/** An error answer of the apps API; code "unreachable" if no answer came. */
export class AppsProblem extends Error {
  override readonly name = "AppsProblem";

  constructor(
    readonly code: string,
    message: string,
    /** The refused field, such as `fileSystem[2].filename`. */
    readonly field: string | null = null,
    /** The place in a source that does not compile. */
    readonly place: { readonly file: string; readonly line: number; readonly column: number } | null = null,
    /** The id under which the server's log has the error. */
    readonly id: string | null = null,
  ) {
    super(message);
  }
}

/** The time limit of a request. */
const REQUEST_MS = 15_000;
/** The time limit of a deploy: the server compiles up to 100 files. */
const DEPLOY_MS = 60_000;

const LANGUAGES: Readonly<Record<string, string>> = {
  js: "js",
  mjs: "js",
  jsx: "jsx",
  ts: "ts",
  tsx: "tsx",
  html: "html",
  css: "css",
  json: "json",
  svg: "svg",
};

/** The form of a file in a deploy. Code is compiled by its language; any other text is served as it is. */
export function wireFile(file: AppFile): Record<string, unknown> {
  const ending = /\.([a-z]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  const lang = LANGUAGES[ending];
  return {
    ...(lang === undefined ? { type: "str-asset-block" } : { type: "code-block", lang }),
    filename: file.name.startsWith("/") ? file.name : `/${file.name}`,
    content: file.text,
    ...(file.entryPoint === true && { entryPoint: true }),
  };
}

/** The apps of one person on this server. Every method rejects with `AppsProblem`. */
export class AppsApi {
  /** @param tokenSource null for a person without an identity, who may only read published apps */
  constructor(
    private readonly tokenSource: TokenSource | null,
    private readonly server = basePath,
  ) {}

  /** Stores files as a release of the app. The same files again give the same release. */
  deploy(request: {
    readonly mode: Mode;
    readonly appSlug: string;
    readonly userSlug?: string | undefined;
    readonly env?: Readonly<Record<string, string>> | undefined;
    readonly files: readonly AppFile[];
  }): Promise<Deployed> {
    const { mode, appSlug, userSlug, env, files } = request;
    const fields = { mode, appSlug, ownerHandle: userSlug, env, fileSystem: files.map(wireFile) };
    return this.#call<Deployed>("ensure-app-slug", fields, DEPLOY_MS);
  }

  /**
   * Lets the app's address show a release; without an id the newest one. An unpublished app is shown again.
   *
   * @param author missing leaves the author on the app's page as it is
   */
  publish({ userSlug, appSlug }: AppName, fsId?: string, author?: Author): Promise<Omit<Version, "created">> {
    return this.#call("publish-app", { ownerHandle: userSlug, appSlug, fsId, ...author });
  }

  /** Hides the app from all people but its user, or shows it again. No release is lost. */
  setUnpublished({ userSlug, appSlug }: AppName, unpublish: boolean): Promise<unknown> {
    return this.#call("set-unpublish", { ownerHandle: userSlug, appSlug, unpublish });
  }

  /** The releases of an app of this person. */
  async versions({ userSlug, appSlug }: AppName): Promise<readonly Version[]> {
    return (await this.#items<Version>("list-versions", { ownerHandle: userSlug, appSlug })).toSorted(
      (a, b) => b.releaseSeq - a.releaseSeq,
    );
  }

  /** This person's apps; the app that was changed last comes first. */
  async apps(): Promise<readonly AppSummary[]> {
    const items = await this.#items<{ ownerHandle: string; appSlug: string; updated: string }>(
      "list-recent-vibes",
    );
    return items.map(({ ownerHandle, appSlug, updated }) => ({ userSlug: ownerHandle, appSlug, updated }));
  }

  /** This person's slugs; in the order of binding. */
  async userSlugs(): Promise<readonly string[]> {
    const items = await this.#items<{ ownerHandle: string; created: string }>("list-user-slug-bindings");
    return items.toSorted((a, b) => a.created.localeCompare(b.created)).map(({ ownerHandle }) => ownerHandle);
  }

  /** The release that the app's address shows. */
  find({ userSlug, appSlug }: AppName): Promise<FoundApp> {
    return this.#call("get-app-by-fsid", { ownerHandle: userSlug, appSlug });
  }

  /**
   * The text of one file of a published release, as its author wrote it. It comes from this server's path of the app,
   * because the page may not read from the app's own host.
   */
  async source({ userSlug, appSlug }: AppName, fsId: string, fileName: string): Promise<string> {
    const path = fileName.split("/").map(encodeURIComponent).join("/");
    const url = `${this.server}/a/${userSlug}/${appSlug}/~${fsId}~/~~source~~${path}`;
    let response: Response;
    try {
      response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
      if (response.ok) return await response.text();
    } catch (cause) {
      throw unreachable(cause);
    }
    throw new AppsProblem("not-found", publishTexts.serverNoFileApp(fileName));
  }

  async #items<T>(name: string, fields: Record<string, unknown> = {}): Promise<readonly T[]> {
    const { items } = await this.#call<{ items?: readonly T[] }>(name, fields);
    if (!Array.isArray(items)) throw notUnderstood();
    return items;
  }

  /** Sends a request, and once more with a new token if the server rejected the token of an ended session. */
  async #call<T>(name: string, fields: Record<string, unknown>, limitMs = REQUEST_MS): Promise<T> {
    const payload = JSON.stringify({ type: `vibes.diy.req-${name}`, ...fields });
    const expected = `vibes.diy.res-${name}`;
    const { tokenSource } = this;
    if (tokenSource === null) return this.#send(expected, payload, null, limitMs);
    try {
      return await this.#send(expected, payload, await tokenSource.token(), limitMs);
    } catch (cause) {
      const rejected = cause instanceof AppsProblem && cause.code === "bad-token";
      if (!rejected || !tokenSource.dropRejectedToken()) throw cause;
      return this.#send(expected, payload, await tokenSource.token(), limitMs);
    }
  }

  async #send<T>(expected: string, body: string, token: string | null, limitMs: number): Promise<T> {
    let answer: unknown;
    try {
      const response = await fetch(`${this.server}/api`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...(token !== null && { Authorization: `Bearer ${token}` }),
        },
        body,
        signal: AbortSignal.timeout(limitMs),
        cache: "no-store",
      });
      const text = await response.text();
      answer = parsed(text);
    } catch (cause) {
      throw unreachable(cause);
    }
    if (typeof answer !== "object" || answer === null) throw notUnderstood();
    const type = (answer as { type?: unknown }).type;
    if (type === expected) return answer as T;
    throw type === "vibes.diy.res-error"
      ? problemOf(answer as Readonly<Record<string, unknown>>)
      : notUnderstood();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(answer: Readonly<Record<string, unknown>>): AppsProblem {
  const text = (name: string): string | null => (typeof answer[name] === "string" ? answer[name] : null);
  const number = (name: string): number => (typeof answer[name] === "number" ? answer[name] : 0);
  const file = text("file");
  return new AppsProblem(
    text("code") ?? "server-error",
    text("message") ?? "",
    text("field"),
    file === null ? null : { file, line: number("line"), column: number("column") },
    text("id"),
  );
}

function unreachable(cause: unknown): AppsProblem {
  const timedOut = cause instanceof DOMException && cause.name === "TimeoutError";
  return new AppsProblem(
    "unreachable",
    timedOut ? publishTexts.serverNotAnswerTime : publishTexts.serverCannotReached,
  );
}

const notUnderstood = (): AppsProblem =>
  new AppsProblem("not-understood", publishTexts.serverAnsweredSomethingPage);
