import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the server received it. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Release {
  readonly fsId: string;
  readonly releaseSeq: number;
  readonly created: string;
  readonly files: readonly { readonly filename: string; readonly content: string }[];
  mode: string;
}

interface App {
  readonly user: string;
  readonly userSlug: string;
  readonly appSlug: string;
  readonly releases: Release[];
  shown: number;
  unpublishedAt: string;
  /** The name on the app's page; null if it shows none. */
  author: string | null;
}

interface Payload {
  readonly type: string;
  readonly [name: string]: unknown;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly [name: string]: unknown;
}

class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

const refuse = (status: number, code: string, message: string, more: object = {}): never => {
  throw new Refused({ status, code, message, ...more });
};

/**
 * A real HTTP server that speaks the part of the apps API that the page uses, with the shapes and codes of the server's
 * module `apps`. The token `good-<name>` proves the user with this name. Releases are numbered and kept in memory.
 */
export class AppsServer {
  readonly received: Received[] = [];
  /** Answers instead of the API, for one request each, in order. */
  readonly next: Refusal[] = [];
  readonly #apps: App[] = [];
  readonly #userSlugs = new Map<string, { readonly user: string; readonly created: string }>();
  readonly #server: Server;
  #clock = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      void readBody(request).then((text) => {
        const { status, body, type } = this.handle(request, text);
        response.writeHead(status, { "Content-Type": type }).end(body);
      });
    });
  }

  static async start(): Promise<AppsServer> {
    const server = new AppsServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** A server without a port, for `page.route`. */
  static withoutPort(): AppsServer {
    return new AppsServer();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Gives a slug to a user, as another client would. */
  bind(userSlug: string, user: string): void {
    this.#userSlugs.set(userSlug, { user, created: this.#now() });
  }

  /** The requests of one type, oldest first. */
  requests(name: string): readonly Received[] {
    return this.received.filter(({ body }) => body.type === `vibes.diy.req-${name}`);
  }

  handle(
    request: Pick<IncomingMessage, "method" | "url" | "headers">,
    text: string,
  ): { readonly status: number; readonly body: string; readonly type: string } {
    const authorization = request.headers.authorization;
    const json = { type: "application/json" } as const;
    try {
      if (request.method === "GET") return this.#file(request.url ?? "");
      const body = JSON.parse(text) as Payload;
      this.received.push({ method: request.method, path: request.url, authorization, body });
      const answer = this.next.shift();
      if (answer !== undefined) throw new Refused(answer);
      return { ...json, status: 200, body: JSON.stringify(this.#answer(body, userOf(authorization))) };
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause;
      const { status, ...error } = cause.refusal;
      const body = JSON.stringify({
        type: "vibes.diy.res-error",
        error: { message: error.message, code: error.code },
        ...error,
      });
      return { ...json, status, body };
    }
  }

  #answer(payload: Payload, user: string | null): object {
    const name = /^vibes\.diy\.req-(.*)$/.exec(payload.type)?.[1] ?? "";
    if (user === null && name !== "get-app-by-fsid")
      refuse(401, "require-login", "send auth with a type and a token", { field: "auth" });
    const type = `vibes.diy.res-${name}`;
    switch (name) {
      case "ensure-app-slug":
        return { type, ...this.#deploy(payload, user ?? "") };
      case "publish-app": {
        const app = this.#own(payload, user);
        const release =
          payload.fsId === undefined
            ? app.releases.at(-1)
            : app.releases.find(({ fsId }) => fsId === payload.fsId);
        if (release === undefined)
          return refuse(404, "not-found", "this app has no release with these files");
        if (payload.showAuthor !== undefined)
          app.author = payload.showAuthor === true ? String(payload.authorName) : null;
        this.#show(app, release);
        app.unpublishedAt = "";
        return { type, ...ofRelease(app, release), published: true };
      }
      case "set-unpublish": {
        const app = this.#own(payload, user);
        const previousUnpublishedAt = app.unpublishedAt;
        app.unpublishedAt = payload.unpublish === true ? previousUnpublishedAt || this.#now() : "";
        return { type, ...namesOf(app), unpublishedAt: app.unpublishedAt, previousUnpublishedAt };
      }
      case "list-versions": {
        const app = this.#own(payload, user);
        const items = app.releases.map(({ fsId, mode, releaseSeq, created }) => {
          const published = app.unpublishedAt === "" && app.shown === releaseSeq;
          return { fsId, mode, releaseSeq, created, published };
        });
        return { type, ...namesOf(app), items };
      }
      case "list-recent-vibes": {
        const own = this.#apps.filter((app) => app.user === user).toReversed();
        const items = own.map((app) => ({
          ownerHandle: app.userSlug,
          appSlug: app.appSlug,
          updated: app.releases.at(-1)?.created,
        }));
        return { type, items };
      }
      case "list-user-slug-bindings": {
        const items = [...this.#userSlugs].flatMap(([ownerHandle, { user: owner, created }]) =>
          owner === user ? [{ ownerHandle, tenant: "parlor", created, appSlugCount: 0 }] : [],
        );
        return { type, items };
      }
      case "get-app-by-fsid":
        return { type, ...this.#find(payload, user) };
      default:
        return refuse(501, "unknown-type", "this server has no request of this type", { field: "type" });
    }
  }

  #deploy(payload: Payload, user: string): object {
    const userSlug = String(payload.ownerHandle ?? "drawn-by-server");
    const appSlug = String(payload.appSlug);
    const files = payload.fileSystem as { filename: string; content: string; type: string }[];
    if (files.length === 0)
      refuse(400, "app-slug-invalid", "an app needs an html or code file", { field: "fileSystem" });
    for (const { filename, content } of files)
      if (content.includes("BROKEN"))
        refuse(422, "transform-failed", `${filename}:12:5: unexpected`, {
          file: filename,
          line: 12,
          column: 5,
        });
    const owner = this.#userSlugs.get(userSlug)?.user;
    if (owner !== undefined && owner !== user)
      refuse(409, "owned-by-another", `the slug ${userSlug} belongs to another user`, {
        field: "ownerHandle",
      });
    if (owner === undefined) this.bind(userSlug, user);
    let app = this.#apps.find((each) => each.userSlug === userSlug && each.appSlug === appSlug);
    if (app === undefined) {
      app = { user, userSlug, appSlug, releases: [], shown: 0, unpublishedAt: "", author: null };
      this.#apps.push(app);
    }
    const fsId = fileSystemId(
      JSON.stringify([files.map(({ filename, content }) => [filename, content]), payload.env]),
    );
    let release = app.releases.find((each) => each.fsId === fsId);
    if (release === undefined) {
      release = { fsId, releaseSeq: app.releases.length + 1, created: this.#now(), files, mode: "dev" };
      app.releases.push(release);
    }
    if (payload.mode === "production") this.#show(app, release);
    return {
      ...ofRelease(app, release),
      env: payload.env ?? {},
      fileSystem: items(release),
      entryPointUrl: `http://${appSlug}--${userSlug}.localhost/`,
      wrapperUrl: `http://localhost/vibe/${userSlug}/${appSlug}`,
      warnings: files.some(({ content }) => content.includes("find-up"))
        ? ["find-up is not on this server"]
        : [],
    };
  }

  #find(payload: Payload, user: string | null): object {
    const app = this.#app(payload);
    const release = app?.releases.find(({ releaseSeq }) => releaseSeq === app.shown);
    const hidden = app !== undefined && app.unpublishedAt !== "" && app.user !== user;
    if (app === undefined || release === undefined || hidden) {
      const grant = hidden ? "unpublished" : "not-found";
      const { ownerHandle, appSlug } = payload;
      return { userSlug: ownerHandle, ownerHandle, appSlug, grant, releaseSeq: 0, env: {}, fileSystem: [] };
    }
    const grant = app.user === user ? "owner" : "public-access";
    const author = {
      showAuthor: app.author !== null,
      ...(app.author !== null && { authorName: app.author }),
    };
    return { ...ofRelease(app, release), ...author, grant, env: {}, fileSystem: items(release), meta: [] };
  }

  /** A file as its author wrote it, at `/a/{user}/{app}/~{fsId}~/~~source~~/{file}`, for everybody while the app is published. */
  #file(url: string): { readonly status: number; readonly body: string; readonly type: string } {
    const [, userSlug, appSlug, fsId, name] =
      /^\/a\/([^/]+)\/([^/]+)\/~([^/~]+)~\/~~source~~(\/.*)$/.exec(
        new URL(url, "http://localhost").pathname,
      ) ?? [];
    const app = this.#app({ type: "", ownerHandle: userSlug, appSlug });
    const file = app?.releases
      .find((release) => release.fsId === fsId)
      ?.files.find(({ filename }) => filename === decodeURIComponent(name ?? ""));
    return file === undefined || app?.unpublishedAt !== ""
      ? { status: 404, body: "", type: "text/plain" }
      : { status: 200, body: file.content, type: "text/javascript" };
  }

  #app({ ownerHandle, appSlug }: Payload): App | undefined {
    return this.#apps.find((app) => app.userSlug === ownerHandle && app.appSlug === appSlug);
  }

  #own(payload: Payload, user: string | null): App {
    const app = this.#app(payload) ?? refuse(404, "not-found", "there is no such app");
    return app.user === user ? app : refuse(403, "access-denied", "this app belongs to another user");
  }

  #show(app: App, release: Release): void {
    release.mode = "production";
    app.shown = release.releaseSeq;
  }

  #now(): string {
    return new Date(Date.UTC(2026, 10, 3, 12, this.#clock++)).toISOString();
  }
}

const namesOf = ({ userSlug, appSlug }: App): object => ({ userSlug, ownerHandle: userSlug, appSlug });

const ofRelease = (app: App, { fsId, mode, releaseSeq }: Release): object => ({
  ...namesOf(app),
  fsId,
  mode,
  releaseSeq,
});

/** The files as an answer lists them, with the files that the server adds to a release with JSX. */
const items = ({ files }: Release): object[] => [
  ...files.map(({ filename, content }) => ({
    fileName: filename,
    mimeType: filename.endsWith(".png") ? "image/png" : "text/plain",
    assetId: `z${filename}`,
    assetURI: "",
    size: content.length,
    ...(filename.endsWith(".jsx") && { transform: { type: "jsx-to-js", transformedAssetId: "z" } }),
  })),
  {
    fileName: "/~~transformed~~/z1",
    mimeType: "text/javascript",
    assetId: "z1",
    assetURI: "",
    size: 1,
    transform: { type: "transformed", action: "jsx-to-js", transformedAssetId: "z1" },
  },
];

/** An id that depends on the files only. It is no real content id. */
function fileSystemId(text: string): string {
  let hash = 7n;
  for (const sign of text) hash = (hash * 31n + BigInt(sign.codePointAt(0) ?? 0)) % 58n ** 40n;
  return `z${hash.toString(36)}`;
}

function userOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const name = /^Bearer good-(.+)$/.exec(authorization)?.[1];
  return name ?? refuse(401, "bad-token", "the token has expired", { field: "auth.token" });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
