import { defineConfig } from "@playwright/test";
import { BROWSER } from "./e2e/support/browser";

/** Tests that measure: they come first and nothing runs beside them, so that the machine's load is their own. */
const MEASURED = /(quick|quiet)\.spec\.ts$/;

/** Real servers, real Chromium. Machines may be small and shared: few workers and patient timeouts. */
export default defineConfig({
  testDir: "e2e",
  timeout: 90_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: false,
  projects: [
    { name: "measured", testMatch: MEASURED, workers: 1 },
    { name: "rooms", testIgnore: MEASURED, workers: 2, dependencies: ["measured"] },
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"]],
  outputDir: "test-results",
  globalSetup: "./e2e/support/rehearsal.ts",
  // The server with the rehearsal model, for tests that take Playwright's own page and request.
  use: { baseURL: process.env.PARLOR_E2E_URL, launchOptions: BROWSER },
});
