import { defineConfig } from "@playwright/test";

/** Real server, real Chromium. The machine may be small and shared, so one worker and patient timeouts. */
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
});
