import { afterEach, describe, expect, it } from "vitest";
import { serverTime, updateServerTime } from "./clock";

const NOW = Date.parse("2026-05-01T12:00:00Z");

describe("the estimate of the server's time", () => {
  afterEach(() => updateServerTime(new Date(NOW).toUTCString(), NOW));

  it("is the local time if the local and the server's clock agree within seconds", () => {
    updateServerTime("Fri, 01 May 2026 12:00:20 GMT", NOW);
    expect(serverTime(NOW)).toBe(NOW);
  });

  it("corrects a local clock that is wrong by hours", () => {
    updateServerTime("Fri, 01 May 2026 09:00:00 GMT", NOW);
    expect(serverTime(NOW + 5)).toBe(NOW + 5 - 3 * 3_600_000);
  });

  it("is not changed by a missing or malformed header", () => {
    updateServerTime(null, NOW);
    updateServerTime("yesterday", NOW);
    expect(serverTime(NOW)).toBe(NOW);
  });
});
