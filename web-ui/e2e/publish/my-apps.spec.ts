import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { AppsApi } from "../../src/publish/api";
import { AppsServer } from "../../src/testing/appsServer";
import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";
import { routeApps } from "./apps";

const FOLDER = fileURLToPath(new URL("../../test-results/screens", import.meta.url));
const APP = { userSlug: "amber-otter", appSlug: "seed-swap-list" } as const;

/** A server with an app of Ada in two versions; the address shows the second. */
async function withTwoVersions(work: (apps: AppsServer, api: AppsApi) => Promise<void>): Promise<void> {
  const apps = await AppsServer.start();
  const tokens = { token: () => Promise.resolve("good-ada"), dropRejectedToken: () => false };
  const api = new AppsApi(tokens, apps.url);
  try {
    for (const text of ["export default () => 1", "export default () => 2"])
      await api.deploy({ mode: "production", ...APP, files: [{ name: "/App.jsx", text }] });
    await work(apps, api);
  } finally {
    await apps.stop();
  }
}

/** The code in the note behind the app window of the person's room, as the server exports it. */
async function remixedCode(person: Person): Promise<string> {
  return person.page.evaluate(async () => {
    const slug = /^\/r\/([^/]+)/.exec(location.pathname)?.[1] ?? "";
    const key = new URLSearchParams(location.hash.slice(1)).get("k") ?? "";
    const response = await fetch(`/api/rooms/${slug}`, { headers: { "Parlor-Key": key } });
    const room = (await response.json()) as {
      windows: Record<string, { type: string; ref: string | null }>;
      notes: Record<string, { text: string }>;
    };
    const app = Object.values(room.windows).find(({ type }) => type === "app");
    return room.notes[app?.ref?.replace(/^note:/, "") ?? ""]?.text ?? "";
  });
}

test("the front page lists a person's apps; an old version is shown again, and the app is unpublished", async ({
  arrive,
  server,
}) => {
  mkdirSync(FOLDER, { recursive: true });
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  await withTwoVersions(async (apps, api) => {
    await ada.openRoom(server.url, "Seeds");
    await ada.awaitSaved();
    await routeApps(ada.page, apps, "ada");
    await ada.page.goto(server.url);
    const list = ada.region("My apps");
    const row = list.getByRole("button", { name: /^seed-swap-list/ });
    await expect(row).toHaveText(/seed-swap-listv2, .*Published/);
    await row.click();
    await expect(list.getByText("seed-swap-list--amber-otter.localhost:")).toBeVisible();

    for (const [width, height] of [
      [1440, 900],
      [1024, 768],
      [390, 844],
    ] as const) {
      await ada.page.setViewportSize({ width, height });
      for (const colorScheme of ["light", "dark"] as const) {
        await ada.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await list.scrollIntoViewIfNeeded();
        await ada.page.screenshot({
          path: join(FOLDER, `my-apps-${width}-${colorScheme}.png`),
          fullPage: true,
        });
        const { violations } = await new AxeBuilder({ page: ada.page }).include(".my-apps").analyze();
        expect(violations.map(({ id }) => id)).toEqual([]);
      }
    }

    await list.getByRole("button", { name: "Show this version: v1" }).click();
    await expect(row).toHaveText(/v1, .*Published/);
    expect((await api.versions(APP)).map(({ published }) => published)).toEqual([false, true]);
    await list.getByRole("button", { name: "Unpublish" }).click();
    await expect(row).toHaveText(/Not published/);
    expect((await new AppsApi(null, apps.url).find(APP)).grant).toBe("unpublished");
  });
});

test("a person without apps sees one sentence about where they come from", async ({ arrive, server }) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Seeds");
  await ada.awaitSaved();
  await routeApps(ada.page, AppsServer.withoutPort(), "ada");
  await ada.page.goto(server.url);
  await expect(ada.region("My apps")).toContainText("Apps that you publish from a room appear here.");
});

test("the link that remixes an app brings its code into a new room of a stranger", async ({
  arrive,
  server,
}) => {
  const bob = await arrive("Bob", { reducedMotion: "reduce" });
  await withTwoVersions(async (apps) => {
    await routeApps(bob.page, apps, "bob");
    await bob.page.goto(`${server.url}/?remix=amber-otter/seed-swap-list`);
    const dialog = bob.page.getByRole("dialog", { name: "Remix “seed-swap-list”" });
    await expect(dialog.getByRole("radio", { name: "A new room" })).toBeChecked();
    await bob.page.screenshot({ path: join(FOLDER, "remix-1440-light.png") });
    await dialog.getByRole("button", { name: "Remix" }).click();
    await bob.page.getByLabel("Your name in this room").fill("Bob");
    await bob.page.getByLabel("Your name in this room").press("Enter");
    await bob.awaitRoom();
    await expect(bob.page.getByText("“seed-swap-list” is in this room now.").first()).toBeVisible();
    await expect(bob.region(/seed-swap-list/)).toBeVisible();
    await bob.awaitSaved();
    expect(await remixedCode(bob)).toBe("export default () => 2");
  });
});

test("a remix goes into a room that the person has visited, and once only", async ({ arrive, server }) => {
  const ada = await arrive("Ada");
  await withTwoVersions(async (apps) => {
    await ada.openRoom(server.url, "Allotment");
    await ada.awaitSaved();
    await routeApps(ada.page, apps, "ada");
    await ada.page.goto(server.url);
    await ada
      .region("My apps")
      .getByRole("button", { name: /^seed-swap-list/ })
      .click();
    await ada.region("My apps").getByRole("button", { name: "Remix" }).click();
    await ada.page.getByRole("radio", { name: "Allotment" }).check();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Remix" }).click();
    await ada.awaitRoom();
    await expect(ada.region(/seed-swap-list/)).toHaveCount(1);
    await ada.awaitSaved();
    await ada.page.reload();
    await ada.awaitRoom();
    await ada.awaitSaved();
    await expect(ada.region(/seed-swap-list/)).toHaveCount(1);
  });
});

test("an app that is not published is not remixed, and the dialog says why", async ({ arrive, server }) => {
  const bob = await arrive("Bob");
  await withTwoVersions(async (apps, api) => {
    await api.setUnpublished(APP, true);
    await routeApps(bob.page, apps, "bob");
    await bob.page.goto(`${server.url}/?remix=amber-otter/seed-swap-list`);
    await bob.page.getByRole("dialog").getByRole("button", { name: "Remix" }).click();
    await expect(bob.page.getByRole("alert")).toHaveText(
      "This app is not published now, so it cannot be remixed.",
    );
    await bob.page.getByRole("button", { name: "Cancel" }).click();
    expect(new URL(bob.page.url()).search).toBe("");
  });
});
