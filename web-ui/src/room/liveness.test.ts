import { describe, expect, it } from "vitest";
import { Liveness, type Step } from "./liveness";

/** A `Liveness` with a manual clock that advances second by second, like the page's ticks. */
class SimulatedPage {
  now = 1_000_000;
  shown = true;
  readonly pings: number[] = [];
  /** The time from the last `mark` until the pong counted as missed, in milliseconds. */
  abandonedAfterMs: number | null = null;
  #markedAt = this.now;
  readonly liveness: Liveness;

  constructor(failedConnections = 0) {
    this.liveness = new Liveness(this.now, failedConnections);
  }

  /** Lets time pass. A server that `answers` sends the pong for each ping at once. */
  pass(seconds: number, server: "answers" | "silent"): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1_000;
      this.perform(this.liveness.tick(this.now, this.shown), server);
    }
  }

  perform(step: Step, server: "answers" | "silent"): void {
    if (step.do === "verify") this.abandonedAfterMs ??= this.now - this.#markedAt;
    if (step.do !== "ping") return;
    this.pings.push(step.count);
    if (server === "answers") expect(this.liveness.pong(step.count, this.now)).toBe(true);
  }

  mark(): void {
    this.#markedAt = this.now;
  }
}

/** A page whose connection has received the document's first message. */
function connectedPage(): SimulatedPage {
  const page = new SimulatedPage();
  page.liveness.sent(100, page.now);
  page.liveness.received(page.now);
  return page;
}

describe("an open connection", () => {
  it("is pinged every 8 s and is never suspected if each ping is answered [LV2]", () => {
    const page = connectedPage();
    page.pass(80, "answers");
    expect(page.pings).toHaveLength(10);
    expect(page.liveness.suspected(page.now)).toBe(false);
    expect(page.abandonedAfterMs).toBeNull();
  });

  it("counts as dead at most 14 s after the server's last answer, whenever the server stops answering", () => {
    for (let aliveSeconds = 1; aliveSeconds <= 16; aliveSeconds++) {
      const page = connectedPage();
      page.pass(aliveSeconds, "answers");
      page.mark();
      page.pass(14, "silent");
      expect(page.abandonedAfterMs, `silent after ${aliveSeconds} s`).not.toBeNull();
      expect(page.liveness.presumedDead).toBe(true);
    }
  });

  it("counts as dead if its pings are not answered, although other messages arrive", () => {
    const page = connectedPage();
    for (let i = 0; i < 14; i++) {
      page.pass(1, "silent");
      page.liveness.received(page.now);
    }
    expect(page.liveness.presumedDead).toBe(true);
  });

  it("is suspected a second after an unanswered ping, before it counts as dead [CN2]", () => {
    const page = connectedPage();
    page.pass(9, "silent");
    expect(page.liveness.suspected(page.now)).toBe(true);
    expect(page.liveness.presumedDead).toBe(false);
  });

  it("is pinged at once when the page wakes, and counts as dead within 4 s", () => {
    const page = connectedPage();
    page.pass(3, "answers");
    page.mark();
    page.perform(page.liveness.wake(page.now), "silent");
    expect(page.pings).toHaveLength(1);
    // Browsers fire several wake events at once. They share a ping.
    expect(page.liveness.wake(page.now)).toEqual({ do: "nothing" });
    page.pass(4, "silent");
    expect(page.abandonedAfterMs).toBeLessThanOrEqual(4_000);
  });

  it("is pinged again after a jump of the clock, and a pong for the earlier ping is ignored", () => {
    for (const jumpMs of [3_600_000, -3_600_000]) {
      const page = connectedPage();
      page.pass(8, "silent");
      const [before] = page.pings;
      page.now += jumpMs;
      page.pass(1, "silent");
      expect(page.liveness.presumedDead).toBe(false);
      expect(page.pings).toHaveLength(2);
      expect(page.liveness.pong(before, page.now)).toBe(false);
      page.pass(4, "silent");
      expect(page.liveness.presumedDead).toBe(true);
    }
  });

  it("stays open if the pong arrives while the page verifies the connection [LV3]", () => {
    const page = connectedPage();
    page.pass(13, "silent");
    expect(page.liveness.presumedDead).toBe(true);
    page.liveness.pong(page.pings.at(-1), page.now);
    expect(page.liveness.presumedDead).toBe(false);
    expect(page.liveness.suspected(page.now)).toBe(false);
    page.pass(30, "answers");
    expect(page.liveness.presumedDead).toBe(false);
  });

  it("has up to a minute more for the pong after megabytes were sent, since the line may be slow", () => {
    const page = connectedPage();
    page.pass(1, "answers");
    page.liveness.sent(8 * 1024 * 1024, page.now);
    page.mark();
    page.pass(60, "silent");
    expect(page.abandonedAfterMs).toBeNull();
    page.pass(30, "silent");
    expect(page.abandonedAfterMs).not.toBeNull();
  });

  it("has 15 s for the document's first message, twice as long after each failure, at most a minute [LV4]", () => {
    for (const [failedConnections, seconds] of [
      [0, 15],
      [1, 30],
      [2, 60],
      [9, 60],
    ] as const) {
      const page = new SimulatedPage(failedConnections);
      page.liveness.sent(100, page.now);
      page.pass(seconds - 1, "silent");
      expect(page.abandonedAfterMs).toBeNull();
      page.pass(2, "silent");
      expect(page.abandonedAfterMs).not.toBeNull();
      expect(page.liveness.awaitsFirstMessage).toBe(true);
    }
  });

  it("is pinged once a minute while the page is hidden", () => {
    const page = connectedPage();
    page.shown = false;
    page.pass(180, "answers");
    expect(page.pings.length).toBeLessThanOrEqual(3);
    expect(page.pings.length).toBeGreaterThanOrEqual(2);
  });
});
