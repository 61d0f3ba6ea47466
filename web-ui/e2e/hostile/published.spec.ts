import type { Browser } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import { type HostileApp, LEFT, pageOf, type Surroundings } from "./app";
import { type Deployed, Publisher } from "./deploy";
import { ForeignListener } from "./listener";
import { NETWORK_APPS } from "./network";
import { PAGE_APPS } from "./page";
import { pageState, resultsOf, watchErrors } from "./room";

const APPS = [...NETWORK_APPS, ...PAGE_APPS];
/** Apps that reach a foreign host when published; docs/security.md lists how. They run alone. */
const REACHES = (app: HostileApp): boolean => app.name.startsWith("webrtc");
/** The apps that run at the same time. */
const TOGETHER = 4;
/** The apps that one user may have. */
const APPS_OF_USER = 10;

/** A browser profile that has used the server before, with an identity and a key in its storage. */
async function visitor(browser: Browser, server: string) {
  const context = await browser.newContext();
  const home = await context.newPage();
  await home.goto(server);
  await home.evaluate(() => {
    localStorage.setItem("parlor.secret", "token");
    localStorage.setItem("parlor.rooms", JSON.stringify([{ slug: "secret-room", key: "secret" }]));
  });
  await watchErrors(home);
  return { context, home };
}

async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
}

test("hostile apps that are published change nothing of the server's pages, by host and by path, and reach a foreign host only as documented", {
  tag: "@long",
}, async ({ browser, server }) => {
  test.setTimeout(120_000);
  const listener = await ForeignListener.start();
  await listener.prove();
  const { context, home } = await visitor(browser, server.url);
  const surroundings: Surroundings = { listener, server: server.url, room: "/r/secret-room" };
  const deployed = new Map<string, Deployed>();
  for (let at = 0; at < APPS.length; at += APPS_OF_USER) {
    const mallory = await Publisher.arrive(server.url);
    for (const app of APPS.slice(at, at + APPS_OF_USER))
      deployed.set(app.name, await mallory.page(app.name, pageOf(app, surroundings)));
  }
  const before = await pageState(home);

  const inWrapper = async (app: HostileApp): Promise<void> => {
    const page = await context.newPage();
    page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
    const address = deployed.get(app.name)?.wrapperUrl ?? "";
    await page.goto(address, { waitUntil: "commit" });
    if (app.leaves === LEFT) await page.waitForLoadState("domcontentloaded");
    else {
      const tried = await resultsOf(page.frameLocator("iframe"), app.name);
      expect.soft(tried, `${app.name}, published`).toMatchObject(app.published ?? {});
    }
    expect.soft(page.url(), app.name).toBe(address);
    expect.soft(await page.title(), app.name).toBe(app.name);
    expect.soft(await page.locator("body > *").count(), app.name).toBe(3);
    await page.close();
  };
  await inTurns(
    APPS.filter((app) => !REACHES(app)),
    inWrapper,
  );
  expect.soft(await pageState(home)).toEqual(before);
  const allowed = APPS.flatMap(({ arrives }) => arrives ?? []);
  expect.soft(listener.paths().filter((path) => !allowed.includes(path))).toEqual([]);
  expect.soft(listener.packets).toBe(0);

  listener.reset();
  await inTurns(
    APPS.filter((app) => app.byPath && !REACHES(app)),
    async (app) => {
      const page = await context.newPage();
      page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
      const address = `${server.url}/a/${deployed.get(app.name)?.ownerHandle}/${app.name}/`;
      await page.goto(address, { waitUntil: "commit" });
      if (app.leaves !== LEFT) {
        const tried = await resultsOf(page, app.name);
        expect.soft(tried, `${app.name}, by path`).toMatchObject(app.byPath ?? {});
        expect.soft(page.url(), app.name).toContain(address);
      }
      await page.close();
    },
  );
  expect.soft(listener.paths().filter((path) => !allowed.includes(path))).toEqual([]);
  expect.soft(listener.packets).toBe(0);
  expect.soft(await pageState(home)).toEqual(before);
  const hosts = [server.url, server.url.replace("127.0.0.1", "localhost")];
  expect(await context.cookies(hosts)).toEqual([]);
  const health = await fetch(`${hosts[1]}/api/health`);
  expect(health.status).toBe(200);

  // What docs/security.md lists: a published app may leave in its own tab, and WebRTC has no policy.
  const page = await context.newPage();
  await page.goto(deployed.get("own-navigation")?.entryPointUrl ?? "", { waitUntil: "commit" });
  await expect.poll(() => listener.paths()).toContain("GET /own-navigation/navigation");
  expect(listener.packets).toBe(0);
  const caller = await context.newPage();
  await caller.goto(deployed.get("webrtc")?.entryPointUrl ?? "");
  await expect.poll(() => listener.packets).toBeGreaterThan(0);
  expect(await pageState(home)).toEqual(before);
  await home.reload();
  await expect(home.getByLabel("What is the room for?")).toBeVisible();
  await context.close();
  await listener.stop();
});
