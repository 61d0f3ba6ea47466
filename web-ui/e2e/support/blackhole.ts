import { connect, createServer, type Server, type Socket } from "node:net";

/** The bytes that the proxy drops: none, those that the browser sends, those that it receives, or both. */
export type Dropped = "nothing" | "sent" | "received" | "both";

interface Connection {
  dropped: Dropped;
  /** Whether the connection is known to be a WebSocket; null until its request was read. */
  webSocket: boolean | null;
  readonly browser: Socket;
  readonly server: Socket;
}

/**
 * A TCP proxy in front of a server. It can drop all bytes of a connection without closing it, as a network path does
 * that lost its state (a "black hole").
 */
export class BlackholeProxy {
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  /** The bytes that the proxy drops on new connections. */
  droppedOnNew: Dropped = "nothing";
  /** Whether handshakes of new WebSockets get no answer, while HTTP works. */
  dropsUpgrades = false;
  /** The number of WebSockets that the page has tried to open. */
  webSockets = 0;

  private constructor(private readonly target: number) {
    this.#server = createServer((browser) => this.#forward(browser));
  }

  static async to(target: number): Promise<BlackholeProxy> {
    const proxy = new BlackholeProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Sets the bytes that the proxy drops on existing connections. */
  dropOnExisting(dropped: Dropped): void {
    for (const connection of this.#connections) connection.dropped = dropped;
  }

  async stop(): Promise<void> {
    for (const { browser, server } of this.#connections) {
      browser.destroy();
      server.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(browser: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    const connection: Connection = { dropped: this.droppedOnNew, webSocket: null, browser, server };
    this.#connections.add(connection);
    browser.on("data", (bytes) => {
      this.#detectWebSocket(connection, bytes);
      if (connection.dropped === "nothing" || connection.dropped === "received") server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (connection.dropped === "nothing" || connection.dropped === "sent") browser.write(bytes);
    });
    const end = (other: Socket, direction: Dropped) => (): void => {
      // The close of a connection is dropped like its bytes.
      if (connection.dropped === "both" || connection.dropped === direction) return;
      other.destroy();
      this.#connections.delete(connection);
    };
    browser.on("close", end(server, "sent"));
    server.on("close", end(browser, "received"));
    browser.on("error", () => undefined);
    server.on("error", () => undefined);
  }

  #detectWebSocket(connection: Connection, bytes: Buffer): void {
    if (connection.webSocket === true || !/^GET \/sync\//.test(bytes.subarray(0, 16).toString("latin1")))
      return;
    connection.webSocket = true;
    this.webSockets++;
    if (this.dropsUpgrades) connection.dropped = "both";
  }
}
