import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * The direction of a connection that the proxy swallows: none, bytes from the browser, bytes from the server, or both.
 */
export type Swallows = "nothing" | "sent" | "received" | "both";

interface Line {
  swallows: Swallows;
  /** Set once the first bytes show the purpose of the connection. */
  webSocket: boolean | null;
  readonly browser: Socket;
  readonly server: Socket;
}

/**
 * A TCP proxy in front of a server. It can swallow the bytes of its connections without closing them: it keeps reading
 * and drops the bytes. A network path that lost its state does the same.
 */
export class SwallowingProxy {
  readonly #lines = new Set<Line>();
  readonly #server: Server;
  /** The direction that the proxy swallows on new connections. */
  next: Swallows = "nothing";
  /** Whether new WebSockets get no answer to their handshake while HTTP works. */
  swallowsUpgrades = false;
  webSockets = 0;

  private constructor(private readonly target: number) {
    this.#server = createServer((browser) => this.#join(browser));
  }

  static async to(target: number): Promise<SwallowingProxy> {
    const proxy = new SwallowingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Existing connections swallow from now on. */
  swallow(what: Swallows): void {
    for (const line of this.#lines) line.swallows = what;
  }

  async stop(): Promise<void> {
    for (const { browser, server } of this.#lines) {
      browser.destroy();
      server.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(browser: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    const line: Line = { swallows: this.next, webSocket: null, browser, server };
    this.#lines.add(line);
    browser.on("data", (bytes) => {
      this.#lookAt(line, bytes);
      if (line.swallows === "nothing" || line.swallows === "received") server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (line.swallows === "nothing" || line.swallows === "sent") browser.write(bytes);
    });
    const end = (other: Socket, swallowing: Swallows) => (): void => {
      // The proxy swallows the end of a connection as well.
      if (line.swallows === "both" || line.swallows === swallowing) return;
      other.destroy();
      this.#lines.delete(line);
    };
    browser.on("close", end(server, "sent"));
    server.on("close", end(browser, "received"));
    browser.on("error", () => undefined);
    server.on("error", () => undefined);
  }

  #lookAt(line: Line, bytes: Buffer): void {
    if (line.webSocket === true || !/^GET \/sync\//.test(bytes.subarray(0, 16).toString("latin1"))) return;
    line.webSocket = true;
    this.webSockets++;
    if (this.swallowsUpgrades) line.swallows = "both";
  }
}
