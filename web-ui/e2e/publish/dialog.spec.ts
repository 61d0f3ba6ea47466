import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { createServer } from "vite";
import { AppsServer } from "../../src/testing/appsServer";
import { tagged } from "../support/tags";
import { routeApps } from "./apps";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = join(ROOT, "test-results", "screens");

/** The address of a page that holds the dialog alone. Vite serves it, because the page of the server has no such page. */
const test = base.extend<object, { readonly dialogUrl: string }>({
  dialogUrl: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a destructuring pattern here
    async ({}, use) => {
      const vite = await createServer({
        root: ROOT,
        logLevel: "silent",
        cacheDir: join(ROOT, "test-results", "vite"),
        server: { host: "127.0.0.1", port: 0, hmr: false, proxy: {} },
      });
      await vite.listen();
      const address = vite.httpServer?.address();
      if (typeof address !== "object" || address === null) throw new Error("Vite does not listen");
      await use(`http://127.0.0.1:${address.port}/e2e/publish/dialog.html`);
      await vite.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

/** Opens the dialog as Ada. The server tells where apps have their addresses. */
async function open(page: Page, url: string, apps: AppsServer): Promise<void> {
  await page.addInitScript(() => {
    localStorage.setItem("parlor.me", JSON.stringify({ identity: "id_ada", token: "t", name: "Ada" }));
  });
  await page.route("**/api/config", (route) =>
    route.fulfill({ json: { apps: { address: "https://{app}--{user}.parlor.example/" } } }),
  );
  // The identity keeps its token: this server attaches no keys.
  await page.route("**/api/identities/**", (route) => route.fulfill({ status: 503, json: {} }));
  await routeApps(page, apps, "ada");
  await page.goto(url);
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByRole("dialog", { name: "Publish “Repair sign-up”" })).toBeVisible();
}

test("a first publish makes the address, shows the app there, and Unpublish hides it", async ({
  page,
  dialogUrl,
}) => {
  const apps = AppsServer.withoutPort();
  await open(page, dialogUrl, apps);
  const address = page.getByRole("textbox", { name: "Address", exact: true });
  await expect(address).toHaveValue("repair-sign-up");
  await page.getByLabel("Your part of the address").fill("Amber Otter");
  await expect(page.getByRole("img", { name: /^QR code of / })).toHaveAttribute(
    "aria-label",
    "QR code of https://repair-sign-up--amber-otter.parlor.example/",
  );
  await page.getByRole("button", { name: "Publish v3" }).click();
  await expect(page.getByText("v3 is published.")).toBeVisible();
  expect(
    apps.requests("ensure-app-slug").map(({ body }) => [body.ownerHandle, body.appSlug, body.mode]),
  ).toEqual([["amber-otter", "repair-sign-up", "production"]]);
  await page.getByRole("button", { name: "Unpublish" }).click();
  await expect(page.getByText("Unpublished. The address shows nothing now.")).toBeVisible();

  // The address is the same the next time, and the name is no longer asked for.
  await page.reload();
  await page.getByRole("button", { name: "Publish" }).click();
  await expect(page.getByText("--amber-otter.parlor.example", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Your part of the address")).toHaveCount(0);
});

test("an address that breaks the rule is explained while it is typed, and cannot be published", async ({
  page,
  dialogUrl,
}) => {
  await open(page, dialogUrl, AppsServer.withoutPort());
  const address = page.getByRole("textbox", { name: "Address", exact: true });
  const publish = page.getByRole("button", { name: "Publish v3" });
  await address.fill("ab");
  await expect(page.getByRole("alert")).toHaveText("At least 3 characters.");
  await expect(publish).toBeDisabled();
  await address.fill("my--app");
  await expect(page.getByRole("alert")).toContainText("A dash stands between two words");
  await address.fill("My App");
  await expect(address).toHaveValue("my-app");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(publish).toBeEnabled();
});

test("the name of another person is refused at its field, and nothing else is lost", async ({
  page,
  dialogUrl,
}) => {
  const apps = AppsServer.withoutPort();
  apps.bind("amber-otter", "bob");
  await open(page, dialogUrl, apps);
  const name = page.getByLabel("Your part of the address");
  await name.fill("amber-otter");
  await page.getByRole("button", { name: "Publish v3" }).click();
  await expect(page.getByRole("alert")).toHaveText(
    "“amber-otter” belongs to another person. Type another name.",
  );
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await name.fill("amber-otter-2");
  await page.getByRole("button", { name: "Publish v3" }).click();
  await expect(page.getByText("v3 is published.")).toBeVisible();
});

test("a version with an error is offered with the last version without one, which is published in its place", async ({
  page,
  dialogUrl,
}) => {
  const apps = AppsServer.withoutPort();
  apps.bind("amber-otter", "ada");
  await open(page, `${dialogUrl}?error`, apps);
  await expect(page.getByText("v3 still has an error. v2 has none.")).toBeVisible();
  await page.getByRole("button", { name: "Publish v2 instead" }).click();
  await expect(page.getByText("v2 is published.")).toBeVisible();
  await expect(page.getByText("v3 still has an error.")).toHaveCount(0);
  const [sent] = apps.requests("ensure-app-slug");
  expect(JSON.stringify(sent?.body.fileSystem)).toContain("() => 2");
});

test("code that does not compile is reported with file and line, and nothing is published", async ({
  page,
  dialogUrl,
}) => {
  const apps = AppsServer.withoutPort();
  apps.bind("amber-otter", "ada");
  await open(page, `${dialogUrl}?broken`, apps);
  await page.getByRole("button", { name: "Publish v3" }).click();
  await expect(page.getByRole("alert")).toContainText(
    "App.jsx does not compile, line 12, column 5: unexpected",
  );
  expect(apps.requests("publish-app")).toEqual([]);
  await expect(page.getByRole("button", { name: "Publish v2 instead" })).toBeVisible();
});

test("a package that the server does not have is named after publishing", async ({ page, dialogUrl }) => {
  const apps = AppsServer.withoutPort();
  apps.bind("amber-otter", "ada");
  await open(page, `${dialogUrl}?package`, apps);
  await page.getByRole("button", { name: "Publish v3" }).click();
  await expect(page.getByText("Published, but: find-up is not on this server.")).toBeVisible();
});

test("the address is copied, without a clipboard too; if the browser copies nothing, it appears selected", async ({
  page,
  dialogUrl,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const apps = AppsServer.withoutPort();
  apps.bind("amber-otter", "ada");
  await open(page, dialogUrl, apps);
  await page.getByRole("button", { name: "Copy address" }).click();
  await expect(page.getByText("Copied", { exact: true })).toBeAttached();
  const url = "https://repair-sign-up--amber-otter.parlor.example/";
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);

  // A page over plain HTTP from another machine has no clipboard. A selection is copied instead.
  const clipboard = await page.evaluateHandle(() => navigator.clipboard);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  const copySnippet = page.getByRole("button", { name: "Copy embed snippet" });
  await copySnippet.click();
  await expect.poll(() => clipboard.evaluate((it) => it.readText())).toMatch(/^<iframe/);
  await expect(copySnippet).toBeFocused();

  await page.evaluate(() => {
    document.execCommand = () => false;
  });
  await copySnippet.click();
  const field = page.getByLabel("Copying is not allowed here.");
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(new RegExp(`^<iframe src="${url}"`));
  const selected = await field.evaluate((input: HTMLInputElement) => input.selectionEnd);
  expect(selected).toBe((await field.inputValue()).length);
});

test(
  "the dialog fits into four sizes, light and dark, without a barrier",
  tagged(false),
  async ({ page, dialogUrl }) => {
    test.slow();
    mkdirSync(FOLDER, { recursive: true });
    const apps = AppsServer.withoutPort();
    apps.bind("amber-otter", "ada");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page, `${dialogUrl}?error`, apps);
    await expect(page.getByText("--amber-otter.parlor.example", { exact: true })).toBeVisible();
    const sizes = [
      [1440, 900],
      [1024, 768],
      [390, 844],
      [844, 390],
    ] as const;
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.screenshot({
          path: join(FOLDER, `publish-${width}-${colorScheme}.png`),
          animations: "disabled",
        });
        const { violations } = await new AxeBuilder({ page }).include(".publish").analyze();
        expect(
          violations.map(({ id }) => id),
          `${width} ${colorScheme}`,
        ).toEqual([]);
        const dialog = await page.getByRole("dialog").boundingBox();
        expect(dialog?.x).toBeGreaterThanOrEqual(0);
        expect((dialog?.x ?? 0) + (dialog?.width ?? 0)).toBeLessThanOrEqual(width);
        expect((dialog?.y ?? 0) + (dialog?.height ?? 0)).toBeLessThanOrEqual(height + 1);
        await expect(page.getByRole("button", { name: "Publish v3" })).toBeInViewport();
        const overflows = await page
          .getByRole("dialog")
          .evaluate((element) => element.scrollWidth > element.clientWidth);
        expect(overflows, "nothing is wider than the dialog").toBe(false);
      }
    }
  },
);
