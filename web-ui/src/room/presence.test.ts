import { describe, expect, it } from "vitest";
import { heartbeatMs } from "./presence";

describe("[row 26] heartbeats", () => {
  it("come to each browser at no more than four in half a minute, however many people send them", () => {
    for (let others = 1; others <= 80; others++)
      expect((others * 30_000) / heartbeatMs(others)).toBeLessThanOrEqual(4);
    expect(heartbeatMs(1)).toBe(60_000);
    expect(heartbeatMs(500)).toBe(600_000);
  });
});
