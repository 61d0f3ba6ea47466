import { describe, expect, it } from "vitest";
import { Liveness, type Step } from "./liveness";

/** A liveness with a manual clock that advances second by second, like the page's ticks. */
class SimulatedPage {
  now = 1_000_000;
  shown = true;
  readonly pings: number[] = [];
  /** The time when the connection was abandoned, in milliseconds from the last mark. */
  abandonedAfterMs: number | null = null;
  #markedAt = this.now;
  readonly liveness: Liveness;

  constructor(failedConnections = 0) {
    this.liveness = new Liveness(this.now, failedConnections);
  }

  /** Lets time pass. A living server answers each ping at once. */
  pass(seconds: number, answers: boolean): void {
    for (let i = 0; i < seconds; i++) {
      this.now += 1_000;
      this.perform(this.liveness.tick(this.now, this.shown), answers);
    }
  }

  perform(step: Step, answers: boolean): void {
    if (step.do === "confirm") this.abandonedAfterMs ??= this.now - this.#markedAt;
    if (step.do !== "ping") return;
    this.pings.push(step.count);
    if (answers) expect(this.liveness.pong(step.count, this.now)).toBe(true);
  }

  mark(): void {
    this.#markedAt = this.now;
  }
}

/** A page with a connection that has the document. */
function connectedPage(): SimulatedPage {
  const page = new SimulatedPage();
  page.liveness.sent(100, page.now);
  page.liveness.received(page.now);
  return page;
}

describe("a connection that may be dead", () => {
  it("is pinged every 8 s and never doubted if each ping is answered [LV2]", () => {
    const page = connectedPage();
    page.pass(80, true);
    expect(page.pings).toHaveLength(10);
    expect(page.liveness.suspected(page.now)).toBe(false);
    expect(page.abandonedAfterMs).toBeNull();
  });

  it("is abandoned within 14 s of its last sign of life, at any time of death", () => {
    for (let aliveSeconds = 1; aliveSeconds <= 16; aliveSeconds++) {
      const page = connectedPage();
      page.pass(aliveSeconds, true);
      page.mark();
      page.pass(14, false);
      expect(page.abandonedAfterMs, `dead after ${aliveSeconds} s`).not.toBeNull();
      expect(page.liveness.pongMissed).toBe(true);
    }
  });

  it("is abandoned if the page's own messages are swallowed, although other messages arrive", () => {
    const page = connectedPage();
    for (let i = 0; i < 14; i++) {
      page.pass(1, false);
      page.liveness.received(page.now);
    }
    expect(page.liveness.pongMissed).toBe(true);
  });

  it("is doubted a second after a ping, long before it is abandoned [CN2]", () => {
    const page = connectedPage();
    page.pass(9, false);
    expect(page.liveness.suspected(page.now)).toBe(true);
    expect(page.liveness.pongMissed).toBe(false);
  });

  it("is pinged at once upon waking, and abandoned within 4 s", () => {
    const page = connectedPage();
    page.pass(3, true);
    page.mark();
    page.perform(page.liveness.wake(page.now), false);
    expect(page.pings).toHaveLength(1);
    // Several events come at once: they share a ping.
    expect(page.liveness.wake(page.now)).toEqual({ do: "nothing" });
    page.pass(4, false);
    expect(page.abandonedAfterMs).toBeLessThanOrEqual(4_000);
  });

  it("is pinged again after time was lost, and an answer to the earlier ping proves nothing", () => {
    for (const jumpMs of [3_600_000, -3_600_000]) {
      const page = connectedPage();
      page.pass(8, false);
      const [before] = page.pings;
      page.now += jumpMs;
      page.pass(1, false);
      expect(page.liveness.pongMissed).toBe(false);
      expect(page.pings).toHaveLength(2);
      expect(page.liveness.pong(before, page.now)).toBe(false);
      page.pass(4, false);
      expect(page.liveness.pongMissed).toBe(true);
    }
  });

  it("is kept if the pong comes while the page verifies the connection [LV3]", () => {
    const page = connectedPage();
    page.pass(13, false);
    expect(page.liveness.pongMissed).toBe(true);
    page.liveness.pong(page.pings.at(-1), page.now);
    expect(page.liveness.pongMissed).toBe(false);
    expect(page.liveness.suspected(page.now)).toBe(false);
    page.pass(30, true);
    expect(page.liveness.pongMissed).toBe(false);
  });

  it("gets a minute more after megabytes were sent, for a slow line", () => {
    const page = connectedPage();
    page.pass(1, true);
    page.liveness.sent(8 * 1024 * 1024, page.now);
    page.mark();
    page.pass(60, false);
    expect(page.abandonedAfterMs).toBeNull();
    page.pass(30, false);
    expect(page.abandonedAfterMs).not.toBeNull();
  });

  it("has 15 s for the document's first answer, twice as long after each failure, a minute at most [LV4]", () => {
    for (const [failedConnections, seconds] of [
      [0, 15],
      [1, 30],
      [2, 60],
      [9, 60],
    ] as const) {
      const page = new SimulatedPage(failedConnections);
      page.liveness.sent(100, page.now);
      page.pass(seconds - 1, false);
      expect(page.abandonedAfterMs).toBeNull();
      page.pass(2, false);
      expect(page.abandonedAfterMs).not.toBeNull();
      expect(page.liveness.awaitsFirstMessage).toBe(true);
    }
  });

  it("is pinged once a minute while the page is not shown", () => {
    const page = connectedPage();
    page.shown = false;
    page.pass(180, true);
    expect(page.pings.length).toBeLessThanOrEqual(3);
    expect(page.pings.length).toBeGreaterThanOrEqual(2);
  });
});
