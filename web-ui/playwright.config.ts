import { defineConfig } from "@playwright/test";
import { BROWSER } from "./e2e/support/browser";

/** Real servers, real Chromium. Machines may be small and shared: one worker and patient timeouts. */
export default defineConfig({
  testDir: "e2e",
  timeout: 90_000,
  expect: { timeout: 10_000 },
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"]],
  outputDir: "test-results",
  globalSetup: "./e2e/support/rehearsal.ts",
  // The server with the rehearsal model, for tests that take Playwright's own page and request.
  use: { baseURL: process.env.PARLOR_E2E_URL, launchOptions: BROWSER },
});
