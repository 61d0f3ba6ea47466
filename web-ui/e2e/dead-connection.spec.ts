import { BlackholeProxy, type Dropped } from "./support/blackhole";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { tagged } from "./support/tags";

/** The page detects a dead connection within 15 s. The margin is for a loaded machine. */
const DETECTION_MS = 15_000;
const MARGIN_MS = 5_000;
/**
 * The limit for a dead connection that an event makes the page check: a ping waits 2.5 s, a request waits 1 s, and the
 * margin is for a loaded machine.
 */
const FAST_DETECTION_MS = 8_000;
const SAVED = /^(Saved|All saved|Back online, all changes saved)$/;

const proxied = test.extend<{ blackhole: BlackholeProxy }>({
  blackhole: async ({ server }, use) => {
    const proxy = await BlackholeProxy.to(server.port);
    await use(proxy);
    await proxy.stop();
  },
});

/** Ada and Bob in one room. Ada's browser connects through the proxy. */
async function joinTwoPeople(
  arrive: (name: string) => Promise<Person>,
  proxy: BlackholeProxy,
  serverUrl: string,
): Promise<{ ada: Person; bob: Person }> {
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  const link = await ada.openRoom(proxy.url, "Behind a proxy");
  await ada.note().click();
  await ada.page.keyboard.type("before");
  await ada.awaitSaved();
  const bob = await arrive("Bob");
  await bob.follow(link.replace(proxy.url, serverUrl));
  await expect.poll(() => bob.noteText()).toBe("before");
  return { ada, bob };
}

async function typeAtEnd(person: Person, text: string): Promise<void> {
  await person.note().click();
  await person.page.keyboard.press("Control+End");
  await person.page.keyboard.type(text);
}

/** Waits until the page opens another WebSocket, which shows that it has abandoned the dead one. */
const expectNewWebSocket = (proxy: BlackholeProxy, countBefore: number, limitMillis: number): Promise<void> =>
  expect
    .poll(() => proxy.webSockets, { timeout: limitMillis, intervals: [100] })
    .toBeGreaterThan(countBefore);

for (const dropped of ["both", "received", "sent"] satisfies Dropped[]) {
  proxied(
    `when a proxy drops the bytes of existing connections (${dropped}), the page detects it within 15 s, and all typed text arrives`,
    tagged(dropped === "both"),
    async ({ arrive, blackhole: proxy, server }) => {
      const { ada, bob } = await joinTwoPeople(arrive, proxy, server.url);
      const before = proxy.webSockets;
      proxy.dropOnExisting(dropped);
      await typeAtEnd(bob, " bob");
      await bob.awaitSaved();
      await expectNewWebSocket(proxy, before, DETECTION_MS + MARGIN_MS);
      await ada.awaitSaved();
      await expect.poll(() => ada.noteText()).toBe("before bob");

      const beforeSecond = proxy.webSockets;
      proxy.dropOnExisting(dropped);
      await typeAtEnd(ada, " ada");
      await expect(ada.state).not.toHaveText(SAVED);
      await expectNewWebSocket(proxy, beforeSecond, DETECTION_MS + MARGIN_MS);
      await ada.awaitSaved();
      await expect.poll(() => bob.noteText()).toBe("before bob ada");
    },
  );
}

proxied(
  "when a proxy drops the bytes of all connections, the page says that it is not connected, keeps typed text, and recovers",
  tagged(false),
  async ({ arrive, blackhole: proxy, server }) => {
    const { ada, bob } = await joinTwoPeople(arrive, proxy, server.url);
    proxy.droppedOnNew = "both";
    proxy.dropOnExisting("both");
    await expect(ada.state).toHaveText(/^(Offline|Reconnecting…|Not connected)/, {
      timeout: DETECTION_MS + MARGIN_MS,
    });
    await typeAtEnd(ada, " kept");
    await expect(ada.state).toHaveText(/^(Offline|Not connected), \d+ changes? kept here$/);
    // The page also gives up ticket requests and handshakes that get no answer.
    await expect(ada.state).not.toHaveText(SAVED);
    proxy.droppedOnNew = "nothing";
    await ada.awaitSaved();
    await expect.poll(() => bob.noteText()).toBe("before kept");
  },
);

for (const event of ["focus", "pageshow", "online", "visibilitychange", "network change"]) {
  proxied(
    `the event ${event} makes the page check its connection and replace a dead one`,
    tagged(["visibilitychange", "network change"].includes(event)),
    async ({ arrive, blackhole: proxy, server }) => {
      const { ada, bob } = await joinTwoPeople(arrive, proxy, server.url);
      const before = proxy.webSockets;
      proxy.dropOnExisting("both");
      await typeAtEnd(bob, " bob");
      await ada.page.evaluate((name) => {
        if (name === "visibilitychange") document.dispatchEvent(new Event(name));
        else if (name === "network change") {
          (navigator as unknown as { connection: EventTarget }).connection.dispatchEvent(new Event("change"));
        } else window.dispatchEvent(new Event(name));
      }, event);
      await expect(ada.state).not.toHaveText(SAVED, { timeout: FAST_DETECTION_MS });
      await expectNewWebSocket(proxy, before, FAST_DETECTION_MS);
      await ada.awaitSaved();
      await expect.poll(() => ada.noteText()).toBe("before bob");
    },
  );
}

proxied(
  "when requests are answered but no WebSocket opens, the page says that a proxy may block it",
  async ({ arrive, blackhole: proxy, server }) => {
    const { ada, bob } = await joinTwoPeople(arrive, proxy, server.url);
    proxy.dropsUpgrades = true;
    proxy.dropOnExisting("both");
    await ada.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await expect(ada.state).toHaveText(/^Not connected/, { timeout: 60_000 });
    await expect(ada.state).toHaveAccessibleName(/A proxy may block it/);
    await typeAtEnd(ada, " kept");
    await expect(ada.state).toHaveText(/^Not connected, \d+ changes? kept here$/);
    proxy.dropsUpgrades = false;
    await ada.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await expect(ada.state).toHaveText(SAVED, { timeout: 30_000 });
    await expect.poll(() => bob.noteText()).toBe("before kept");
  },
);

proxied(
  "when requests get no answer but the WebSocket works, the page stays saved and says that the server did not answer",
  tagged(false),
  async ({ arrive, blackhole: proxy, server }) => {
    const { ada, bob } = await joinTwoPeople(arrive, proxy, server.url);
    await ada.page.route("**/api/**", () => new Promise(() => undefined));
    await typeAtEnd(ada, " live");
    await ada.awaitSaved();
    await expect.poll(() => bob.noteText()).toBe("before live");
    await ada.page.getByRole("button", { name: "Preview prompt" }).click();
    await expect(ada.page.getByText(/cannot be reached|did not answer/)).toBeVisible({ timeout: 25_000 });
    await ada.awaitSaved();
  },
);

proxied(
  "a question that is withdrawn before the server receives it causes no model call, and the page stays connected",
  async ({ arrive, blackhole: proxy, server, model }) => {
    const { ada, bob } = await joinTwoPeople(arrive, proxy, server.url);
    proxy.droppedOnNew = "both";
    proxy.dropOnExisting("both");
    await ada.page.getByRole("textbox", { name: "Query" }).fill("Never mind");
    await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
    await ada.page.getByRole("button", { name: "Withdraw" }).click({ timeout: 20_000 });
    proxy.droppedOnNew = "nothing";
    await ada.awaitSaved();
    await expect(ada.page.getByRole("region", { name: "Output", exact: true })).toContainText("Stopped.");
    await typeAtEnd(ada, " goes on");
    await ada.awaitSaved();
    await expect.poll(() => bob.noteText()).toBe("before goes on");
    expect(model.calls).toHaveLength(0);
  },
);
