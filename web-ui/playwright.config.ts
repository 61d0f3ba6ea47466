import { defineConfig } from "@playwright/test";
import { BROWSER } from "./e2e/support/browser";
import type { Serving } from "./e2e/support/server";

/** Set by `./parlor bench page`, which prints measured times. Test runs measure none, since no test depends on them. */
const FIGURES = process.env.PARLOR_FIGURES !== undefined;

/** Set by `./parlor tour`, which takes the pictures in docs/tour. */
const TOUR = process.env.PARLOR_TOUR !== undefined;

/** The projects that take no part in a test run, each started by a command of its own. */
const COMMANDS = FIGURES
  ? [{ name: "figures", testMatch: /\.figures\.ts$/, workers: 1 }]
  : TOUR
    ? [{ name: "tour", testMatch: /\/(tour\.pictures|screens\.spec)\.ts$/, workers: 1 }]
    : undefined;

/**
 * The tests that also run with other transports: two people in a room, and over TLS a crash of the server.
 */
const TRANSPORT_TESTS = {
  testMatch: /room\.spec\.ts$/,
  grep: /two people see|the state pill/,
  workers: 2,
};

/** The tests use real servers and a real Chromium. For small and shared machines, workers are few and timeouts
 * long: a test waits for browsers and servers most of its time. */
export default defineConfig<object, { serving: Serving }>({
  testDir: "e2e",
  timeout: 90_000,
  expect: { timeout: 10_000 },
  workers: 3,
  fullyParallel: false,
  projects: COMMANDS ?? [
    { name: "rooms", workers: 3 },
    { name: "helidon", ...TRANSPORT_TESTS, grep: /two people see/, use: { serving: "helidon" } },
    { name: "tls", ...TRANSPORT_TESTS, use: { serving: "tls" } },
  ],
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [["list"]],
  outputDir: "test-results",
  globalSetup: "./e2e/support/rehearsal.ts",
  // The URL of the server with the rehearsal model, for tests that use Playwright's fixtures `page` and `request`.
  use: { baseURL: process.env.PARLOR_E2E_URL, launchOptions: BROWSER },
});
