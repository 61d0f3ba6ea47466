import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One request that arrived, with its body. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/**
 * The target of hostile apps that try to send data: an HTTP server that records every request and counts every TCP
 * connection, and a UDP socket that counts packets, for example of WebRTC. It answers every origin.
 */
export class ForeignListener {
  readonly arrivals: Arrival[] = [];
  connections = 0;
  packets = 0;

  private constructor(
    private readonly http: Server,
    private readonly udp: Socket,
  ) {}

  static async start(): Promise<ForeignListener> {
    const http = createServer();
    const udp = createSocket("udp4");
    const listener = new ForeignListener(http, udp);
    http.on("connection", () => {
      listener.connections++;
    });
    http.on("upgrade", (request, socket) => {
      listener.arrivals.push({ method: "UPGRADE", path: request.url ?? "", body: "" });
      socket.destroy();
    });
    http.on("request", async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      listener.arrivals.push({
        method: request.method ?? "",
        path: request.url ?? "",
        body: Buffer.concat(parts).toString(),
      });
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("content-type", "text/html");
      response.end("<title>foreign</title><h1>foreign</h1>");
    });
    udp.on("message", () => {
      listener.packets++;
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    return listener;
  }

  /** The address of the HTTP server, without a final slash. */
  get url(): string {
    return `http://${this.host}`;
  }

  get host(): string {
    return `127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get stun(): string {
    return `stun:127.0.0.1:${this.udp.address().port}`;
  }

  /** The paths of all requests, each with its method. */
  paths(): string[] {
    return this.arrivals.map(({ method, path }) => `${method} ${path}`);
  }

  /** Sends one request and one packet to itself, and expects that they were counted. Then it counts from zero. */
  async prove(): Promise<void> {
    await fetch(`${this.url}/control`, { method: "POST", body: "control" });
    const sender = createSocket("udp4");
    const received = new Promise<void>((resolve) => this.udp.once("message", () => resolve()));
    sender.send("control", this.udp.address().port, "127.0.0.1");
    await received;
    sender.close();
    const [arrival] = this.arrivals;
    if (this.connections !== 1 || this.packets !== 1 || arrival?.body !== "control")
      throw new Error("the foreign listener does not count what arrives");
    this.reset();
  }

  reset(): void {
    this.arrivals.length = 0;
    this.connections = 0;
    this.packets = 0;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
    this.udp.close();
  }
}
