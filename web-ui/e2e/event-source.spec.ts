import { createServer, type Server, Socket } from "node:net";
import type { APIRequestContext } from "@playwright/test";
import { newRoom } from "./panels/people";
import { expect, test } from "./support/fixtures";

/** A TCP proxy in front of the server. The test breaks its connections. */
class BreakingProxy {
  readonly #open = new Set<Socket>();
  #passed = "";

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
      upstream.on("data", (part: Buffer) => {
        proxy.#passed += part.toString("latin1");
      });
    });
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.listening.address();
    return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  }

  /** All bytes that the server has sent, on all connections. */
  get passed(): string {
    return this.#passed;
  }

  /** Closes every connection after the bytes that were passed on. */
  endAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }

  /** Resets every connection. Bytes that the browser has not read yet are lost. */
  breakAll(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  close(): void {
    this.breakAll();
    this.listening.close();
  }
}

/** The record that the test's page keeps of its EventSource. */
interface Heard {
  readonly texts: string[];
  readonly names: string[];
  opened: number;
  lastId: string;
  source: EventSource;
}

declare global {
  interface Window {
    heard: Heard;
  }
}

/** A program that is a member of a room. */
async function member(request: APIRequestContext, base: string) {
  const { token } = await (await request.post(`${base}/api/identities`, { data: { name: "Ada" } })).json();
  const room = await newRoom(request);
  const headers = { Authorization: `Bearer ${token}`, "Parlor-Key": room.key };
  const post = async (rest: string, data: object) => {
    const response = await request.post(`${base}/api/rooms/${room.slug}${rest}`, { data, headers });
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

const listen = (path: string): void => {
  const source = new EventSource(path);
  const heard: Heard = { texts: [], names: [], opened: 0, lastId: "", source };
  window.heard = heard;
  source.addEventListener("open", () => heard.opened++);
  for (const name of ["chat", "reload"])
    source.addEventListener(name, (event) => {
      heard.names.push(event.type);
      heard.lastId = event.lastEventId;
      if (event.type === "chat") heard.texts.push(JSON.parse(event.data).text);
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
      const ada = await member(request, server.url);
      await page.goto(`${proxy.url}/metrics`);
      await page.evaluate(listen, await ada.ticket());
      await page.waitForFunction(() => window.heard.opened === 1);
      const said: string[] = [];
      for (let round = 0; round < 3; round++) {
        // In the first round only the first id of the stream has come.
        if (round === 0) {
          await expect.poll(() => proxy.passed).toMatch(/\nid: \S+\n\n/);
          proxy.endAll();
        } else proxy.breakAll();
        for (const text of [`away ${round}`, `away too ${round}`]) {
          await ada.say(text);
          said.push(text);
        }
        await page.waitForFunction((count) => window.heard.opened === count, round + 2);
        await ada.say(`back ${round}`);
        said.push(`back ${round}`);
        await expect.poll(() => page.evaluate(() => window.heard.texts)).toEqual(said);
      }
      expect(await page.evaluate(() => window.heard.names)).not.toContain("reload");
    } finally {
      proxy.close();
    }
  });

  test("stops after a restart of the server, and with a new ticket it is told to reload the room", async ({
    server,
    page,
    request,
  }) => {
    const proxy = await BreakingProxy.before(server.port);
    try {
      const ada = await member(request, server.url);
      await page.goto(`${proxy.url}/metrics`);
      await page.evaluate(listen, await ada.ticket());
      await ada.say("before");
      await page.waitForFunction(() => window.heard.texts.length === 1);
      await server.down("SIGTERM");
      await server.up();
      await page.waitForFunction(() => window.heard.source.readyState === EventSource.CLOSED);
      const last = await page.evaluate(() => window.heard.lastId);
      await page.evaluate(listen, `${await ada.ticket()}&lastEventId=${last}`);
      await page.waitForFunction(() => window.heard.names.length > 0);
      await ada.say("after");
      await page.waitForFunction(() => window.heard.texts.length > 0);
      expect(await page.evaluate(() => window.heard.names)).toEqual(["reload", "chat"]);
    } finally {
      proxy.close();
    }
  });
});
