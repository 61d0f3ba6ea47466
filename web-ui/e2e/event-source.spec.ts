import { createServer, type Server, Socket } from "node:net";
import type { APIRequestContext } from "@playwright/test";
import { newRoom } from "./panels/people";
import { expect, test } from "./support/fixtures";
import { tagged } from "./support/tags";

/** A TCP proxy in front of the server. A test can break connections that run through it. */
class BreakingProxy {
  readonly #open = new Set<Socket>();
  #bytesFromServer = "";

  private constructor(private readonly listening: Server) {}

  static async before(port: number): Promise<BreakingProxy> {
    const listening = createServer();
    const proxy = new BreakingProxy(listening);
    listening.on("connection", (client) => {
      const upstream = new Socket().connect(port, "127.0.0.1");
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        proxy.#open.add(from);
        from.on("error", () => undefined); // the test resets this connection
        from.on("close", () => {
          proxy.#open.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
      upstream.on("data", (chunk: Buffer) => {
        proxy.#bytesFromServer += chunk.toString("latin1");
      });
    });
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.listening.address();
    return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  }

  /** All bytes that the server has sent, on all connections, as Latin-1 text. */
  get bytesFromServer(): string {
    return this.#bytesFromServer;
  }

  /** Closes every connection after the bytes that were forwarded have been sent. */
  endAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }

  /** Resets every connection. Bytes that the browser has not read are lost. */
  breakAll(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  close(): void {
    this.breakAll();
    this.listening.close();
  }
}

/** The events that the EventSource in the test's page has received. */
interface ReceivedEvents {
  readonly texts: string[];
  readonly names: string[];
  opened: number;
  lastId: string;
  source: EventSource;
}

declare global {
  interface Window {
    receivedEvents: ReceivedEvents;
  }
}

/** Creates a room and joins it through the HTTP API. */
async function joinAsProgram(request: APIRequestContext, base: string) {
  const { token } = await (await request.post(`${base}/api/identities`, { data: { name: "Ada" } })).json();
  const room = await newRoom(request);
  const headers = { Authorization: `Bearer ${token}`, "Parlor-Key": room.key };
  const post = async (subpath: string, data: object) => {
    const response = await request.post(`${base}/api/rooms/${room.slug}${subpath}`, { data, headers });
    expect(response.ok(), await response.text()).toBe(true);
    return response.json();
  };
  await post("/join", { name: "Ada" });
  return {
    say: (text: string) => post("/chat", { text }),
    ticket: async () => {
      const { url } = await post("/tickets", {});
      return `/api/rooms/${room.slug}/events?ticket=${url.slice(url.lastIndexOf("/") + 1)}`;
    },
  };
}

const openEventSource = (path: string): void => {
  const source = new EventSource(path);
  const receivedEvents: ReceivedEvents = { texts: [], names: [], opened: 0, lastId: "", source };
  window.receivedEvents = receivedEvents;
  source.addEventListener("open", () => receivedEvents.opened++);
  for (const name of ["chat", "reload"])
    source.addEventListener(name, (event) => {
      receivedEvents.names.push(event.type);
      receivedEvents.lastId = event.lastEventId;
      if (event.type === "chat") receivedEvents.texts.push(JSON.parse(event.data).text);
    });
};

test.describe("a browser's EventSource with a ticket", () => {
  test.use({ baseURL: async ({ server }, use) => use(server.url) });

  test("reconnects after each broken connection, without losing or repeating an event", async ({
    server,
    page,
    request,
  }) => {
    const proxy = await BreakingProxy.before(server.port);
    try {
      const ada = await joinAsProgram(request, server.url);
      await page.goto(`${proxy.url}/metrics`);
      await page.evaluate(openEventSource, await ada.ticket());
      await page.waitForFunction(() => window.receivedEvents.opened === 1);
      const sent: string[] = [];
      for (let round = 0; round < 3; round++) {
        // In the first round the connection breaks when the browser has received only an event id.
        if (round === 0) {
          await expect.poll(() => proxy.bytesFromServer).toMatch(/\nid: \S+\n\n/);
          proxy.endAll();
        } else proxy.breakAll();
        for (const text of [`away ${round}`, `away too ${round}`]) {
          await ada.say(text);
          sent.push(text);
        }
        await page.waitForFunction((count) => window.receivedEvents.opened === count, round + 2);
        await ada.say(`back ${round}`);
        sent.push(`back ${round}`);
        await expect.poll(() => page.evaluate(() => window.receivedEvents.texts)).toEqual(sent);
      }
      expect(await page.evaluate(() => window.receivedEvents.names)).not.toContain("reload");
    } finally {
      proxy.close();
    }
  });

  test(
    "stops after a restart of the server, and with a new ticket it is told to reload the room",
    tagged(false),
    async ({ server, page, request }) => {
      const proxy = await BreakingProxy.before(server.port);
      try {
        const ada = await joinAsProgram(request, server.url);
        await page.goto(`${proxy.url}/metrics`);
        await page.evaluate(openEventSource, await ada.ticket());
        await ada.say("before");
        await page.waitForFunction(() => window.receivedEvents.texts.length === 1);
        await server.down("SIGTERM");
        await server.up();
        await page.waitForFunction(() => window.receivedEvents.source.readyState === EventSource.CLOSED);
        const last = await page.evaluate(() => window.receivedEvents.lastId);
        await page.evaluate(openEventSource, `${await ada.ticket()}&lastEventId=${last}`);
        await page.waitForFunction(() => window.receivedEvents.names.length > 0);
        await ada.say("after");
        await page.waitForFunction(() => window.receivedEvents.texts.length > 0);
        expect(await page.evaluate(() => window.receivedEvents.names)).toEqual(["reload", "chat"]);
      } finally {
        proxy.close();
      }
    },
  );
});
