import { defineConfig } from "@playwright/test";
import { BROWSER } from "./e2e/support/browser";

/** Tests that measure time. They run first and nothing runs beside them, so that no other test loads the machine. */
const MEASURED = /(quick|quiet)\.spec\.ts$/;

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
  projects: [
    { name: "measured", testMatch: MEASURED, workers: 1 },
    { name: "rooms", testIgnore: MEASURED, workers: 2, dependencies: ["measured"] },
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"]],
  outputDir: "test-results",
  globalSetup: "./e2e/support/rehearsal.ts",
  // The server with the rehearsal model, for tests that use Playwright's own page and request.
  use: { baseURL: process.env.PARLOR_E2E_URL, launchOptions: BROWSER },
});
