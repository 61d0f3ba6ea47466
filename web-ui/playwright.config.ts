import { defineConfig } from "@playwright/test";
import { BROWSER } from "./e2e/support/browser";
import type { Serving } from "./e2e/support/server";

/** `./parlor bench page` prints figures. They decide nothing, so no test run contains them. */
const FIGURES = process.env.PARLOR_FIGURES !== undefined;

/** The walk that also runs on Helidon's WebSockets and over TLS: two people, a return from offline, a server's crash. */
const WALK = {
  testMatch: /room\.spec\.ts$/,
  grep: /two people see|both people edit|the state pill/,
  workers: 2,
};

/**
 * The tests use real servers and real Chromium. Machines may be small and shared, so there are few workers and long
 * timeouts.
 */
export default defineConfig<object, { serving: Serving }>({
  testDir: "e2e",
  timeout: 90_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: false,
  projects: FIGURES
    ? [{ name: "figures", testMatch: /\.figures\.ts$/, workers: 1 }]
    : [
        { name: "rooms", workers: 2 },
        { name: "helidon", ...WALK, use: { serving: "helidon" } },
        { name: "tls", ...WALK, use: { serving: "tls" } },
      ],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"]],
  outputDir: "test-results",
  globalSetup: "./e2e/support/rehearsal.ts",
  // The server with the rehearsal model, for tests that use Playwright's own page and request.
  use: { baseURL: process.env.PARLOR_E2E_URL, launchOptions: BROWSER },
});
