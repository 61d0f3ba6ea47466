import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { SwallowingProxy, type Swallows } from "./support/swallow";

/** The page notices a dead connection within 15 s. The rest is for a loaded machine. */
const NOTICED_MS = 15_000;
const MARGIN_MS = 5_000;
/**
 * Limit for a death that is noticed at once: a ping waits 2.5 s, a request waits 1 s, and the rest is for a loaded
 * machine.
 */
const SOON_MS = 8_000;
const CLAIMS_SAVED = /^(Saved|All saved|Back online, all changes saved)$/;

const proxied = test.extend<{ line: SwallowingProxy }>({
  line: async ({ server }, use) => {
    const proxy = await SwallowingProxy.to(server.port);
    await use(proxy);
    await proxy.stop();
  },
});

/** Two people in one room. The first is behind the proxy. */
async function twoInARoom(
  arrive: (name: string) => Promise<Person>,
  proxy: SwallowingProxy,
  direct: string,
): Promise<{ ada: Person; bob: Person }> {
  const ada = await arrive("Ada");
  ada.forgivesNetwork = true;
  const link = await ada.openRoom(proxy.url, "Behind a proxy");
  await ada.note().click();
  await ada.page.keyboard.type("before");
  await ada.saved();
  const bob = await arrive("Bob");
  await bob.follow(link.replace(proxy.url, direct));
  await expect.poll(() => bob.noteText()).toBe("before");
  return { ada, bob };
}

async function writesAtEnd(person: Person, text: string): Promise<void> {
  await person.note().click();
  await person.page.keyboard.press("Control+End");
  await person.page.keyboard.type(text);
}

/** If the page opens another connection, it has abandoned the dead connection. */
const dialsAnew = (proxy: SwallowingProxy, before: number, limit: number): Promise<void> =>
  expect.poll(() => proxy.webSockets, { timeout: limit, intervals: [100] }).toBeGreaterThan(before);

for (const what of ["both", "received", "sent"] satisfies Swallows[]) {
  proxied(
    `a proxy swallows existing connections (${what}): noticed within 15 s, and all that was typed meanwhile arrives`,
    async ({ arrive, line: proxy, server }) => {
      const { ada, bob } = await twoInARoom(arrive, proxy, server.url);
      const before = proxy.webSockets;
      proxy.swallow(what);
      await writesAtEnd(bob, " bob");
      await bob.saved();
      await dialsAnew(proxy, before, NOTICED_MS + MARGIN_MS);
      await ada.saved();
      await expect.poll(() => ada.noteText()).toBe("before bob");

      const second = proxy.webSockets;
      proxy.swallow(what);
      await writesAtEnd(ada, " ada");
      await expect(ada.state).not.toHaveText(CLAIMS_SAVED);
      await dialsAnew(proxy, second, NOTICED_MS + MARGIN_MS);
      await ada.saved();
      await expect.poll(() => bob.noteText()).toBe("before bob ada");
    },
  );
}

proxied(
  "every connection swallows, new ones too: the page says that it is not connected, keeps what is typed, and heals",
  async ({ arrive, line: proxy, server }) => {
    const { ada, bob } = await twoInARoom(arrive, proxy, server.url);
    proxy.next = "both";
    proxy.swallow("both");
    await expect(ada.state).toHaveText(/^(Offline|Reconnecting…|Not connected)/, {
      timeout: NOTICED_MS + MARGIN_MS,
    });
    await writesAtEnd(ada, " kept");
    await expect(ada.state).toHaveText(/^(Offline|Not connected), \d+ changes? kept here$/);
    // The page also abandons a request for a ticket and a handshake that never end.
    await expect(ada.state).not.toHaveText(CLAIMS_SAVED);
    proxy.next = "nothing";
    await ada.saved();
    await expect.poll(() => bob.noteText()).toBe("before kept");
  },
);

for (const event of ["focus", "pageshow", "online", "visibilitychange", "network change"]) {
  proxied(`a dead connection is noticed at once upon ${event}`, async ({ arrive, line: proxy, server }) => {
    const { ada, bob } = await twoInARoom(arrive, proxy, server.url);
    const before = proxy.webSockets;
    proxy.swallow("both");
    await writesAtEnd(bob, " bob");
    await ada.page.evaluate((name) => {
      if (name === "visibilitychange") document.dispatchEvent(new Event(name));
      else if (name === "network change") {
        (navigator as unknown as { connection: EventTarget }).connection.dispatchEvent(new Event("change"));
      } else window.dispatchEvent(new Event(name));
    }, event);
    await expect(ada.state).not.toHaveText(CLAIMS_SAVED, { timeout: SOON_MS });
    await dialsAnew(proxy, before, SOON_MS);
    await ada.saved();
    await expect.poll(() => ada.noteText()).toBe("before bob");
  });
}

proxied(
  "the server answers requests but the live connection does not open: the page says that a proxy may block it",
  async ({ arrive, line: proxy, server }) => {
    const { ada, bob } = await twoInARoom(arrive, proxy, server.url);
    proxy.swallowsUpgrades = true;
    proxy.swallow("both");
    await ada.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await expect(ada.state).toHaveText(/^Not connected/, { timeout: 60_000 });
    await expect(ada.state).toHaveAccessibleName(/A proxy may block it/);
    await writesAtEnd(ada, " kept");
    await expect(ada.state).toHaveText(/^Not connected, \d+ changes? kept here$/);
    proxy.swallowsUpgrades = false;
    await ada.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await expect(ada.state).toHaveText(CLAIMS_SAVED, { timeout: 30_000 });
    await expect.poll(() => bob.noteText()).toBe("before kept");
  },
);

proxied(
  "requests are not answered but the live connection works: the page stays saved and says that the server did not answer",
  async ({ arrive, line: proxy, server }) => {
    const { ada, bob } = await twoInARoom(arrive, proxy, server.url);
    await ada.page.route("**/api/**", () => new Promise(() => undefined));
    await writesAtEnd(ada, " live");
    await ada.saved();
    await expect.poll(() => bob.noteText()).toBe("before live");
    await ada.page.getByRole("button", { name: "What will be sent" }).click();
    await expect(ada.page.getByText(/cannot be reached|did not answer/)).toBeVisible({ timeout: 25_000 });
    await ada.saved();
  },
);

proxied(
  "a question that is withdrawn before the server has it asks no model, and the page stays connected",
  async ({ arrive, line: proxy, server, model }) => {
    const { ada, bob } = await twoInARoom(arrive, proxy, server.url);
    proxy.next = "both";
    proxy.swallow("both");
    await ada.page.getByRole("textbox", { name: "Query" }).fill("Never mind");
    await ada.page.getByRole("button", { name: "Generate" }).click();
    await ada.page.getByRole("button", { name: "Withdraw" }).click({ timeout: 20_000 });
    proxy.next = "nothing";
    await ada.saved();
    await expect(ada.page.getByRole("region", { name: "Output", exact: true })).toContainText("Stopped.");
    await writesAtEnd(ada, " goes on");
    await ada.saved();
    await expect.poll(() => bob.noteText()).toBe("before goes on");
    expect(model.calls).toHaveLength(0);
  },
);
