import { defineConfig } from "@playwright/test";
import { BROWSER } from "./e2e/support/browser";

/** `./parlor bench page` prints figures. They decide nothing, so no test run contains them. */
const FIGURES = process.env.PARLOR_FIGURES !== undefined;

/**
 * The tests use real servers and real Chromium. Machines may be small and shared, so there are few workers and long
 * timeouts.
 */
export default defineConfig({
  testDir: "e2e",
  timeout: 90_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: false,
  projects: FIGURES
    ? [{ name: "figures", testMatch: /\.figures\.ts$/, workers: 1 }]
    : [{ name: "rooms", workers: 2 }],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"]],
  outputDir: "test-results",
  globalSetup: "./e2e/support/rehearsal.ts",
  // The server with the rehearsal model, for tests that use Playwright's own page and request.
  use: { baseURL: process.env.PARLOR_E2E_URL, launchOptions: BROWSER },
});
