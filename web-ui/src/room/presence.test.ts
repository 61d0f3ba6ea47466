import { EventEmitter } from "node:events";
import type { DocHandle } from "@automerge/automerge-repo/slim";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { heartbeatMs, RoomPresence } from "./presence";
import type { RoomDoc } from "./schema/document";

describe("the heartbeat interval", () => {
  it("is long enough that a browser receives at most four heartbeats in 30 s from up to 80 people [RM8]", () => {
    for (let others = 1; others <= 80; others++)
      expect((others * 30_000) / heartbeatMs(others)).toBeLessThanOrEqual(4);
    expect(heartbeatMs(1)).toBe(60_000);
    expect(heartbeatMs(500)).toBe(600_000);
  });
});

describe("a browser that opens a room sends its presence", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** The times in milliseconds at which a browser sends its presence in the first ten seconds. */
  function sendTimes(connectedSince: number | null, connectsAt: number | null): number[] {
    const start = Date.now();
    const sent: number[] = [];
    const handle = Object.assign(new EventEmitter(), { broadcast: () => sent.push(Date.now() - start) });
    const presence = new RoomPresence(
      handle as unknown as DocHandle<RoomDoc>,
      { identity: "ada", name: "Ada" },
      () => true,
      connectedSince,
    );
    if (connectsAt !== null) setTimeout(() => presence.connected(), connectsAt);
    vi.advanceTimersByTime(10_000);
    const times = [...sent];
    presence.dispose();
    return times;
  }

  it("once on a connection that has been open for a while", () => {
    expect(sendTimes(Date.now() - 700, null)).toEqual([0]);
  });

  it("twice on a connection that has just opened and may not serve the document yet: at once and after 500 ms", () => {
    expect(sendTimes(Date.now() - 20, null)).toEqual([0, 500]);
  });

  it("at once, and again 500 ms after the first connection opens", () => {
    expect(sendTimes(null, 1_200)).toEqual([0, 1_700]);
  });
});
