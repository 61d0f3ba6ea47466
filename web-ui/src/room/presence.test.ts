import { EventEmitter } from "node:events";
import type { DocHandle } from "@automerge/automerge-repo/slim";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { heartbeatMs, RoomPresence } from "./presence";
import type { RoomDoc } from "./schema/document";

describe("heartbeats", () => {
  it("reach each browser at most four times in half a minute, however many people send them [RM8]", () => {
    for (let others = 1; others <= 80; others++)
      expect((others * 30_000) / heartbeatMs(others)).toBeLessThanOrEqual(4);
    expect(heartbeatMs(1)).toBe(60_000);
    expect(heartbeatMs(500)).toBe(600_000);
  });
});

describe("presence is sent", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** The milliseconds at which a browser sends its presence, within its first ten seconds. */
  function saidAt(connectedSince: number | null, connectsAt: number | null): number[] {
    const begin = Date.now();
    const said: number[] = [];
    const handle = Object.assign(new EventEmitter(), { broadcast: () => said.push(Date.now() - begin) });
    const presence = new RoomPresence(
      handle as unknown as DocHandle<RoomDoc>,
      { identity: "ada", name: "Ada" },
      () => true,
      connectedSince,
    );
    if (connectsAt !== null) setTimeout(() => presence.connected(), connectsAt);
    vi.advanceTimersByTime(10_000);
    const heard = [...said];
    presence.dispose();
    return heard;
  }

  it("at once on a connection that has been open for a while", () => {
    expect(saidAt(Date.now() - 700, null)).toEqual([0]);
  });

  it("again half a second later on a connection that has just opened, which may not serve the document yet", () => {
    expect(saidAt(Date.now() - 20, null)).toEqual([0, 500]);
  });

  it("half a second after the first connection opens", () => {
    expect(saidAt(null, 1_200)).toEqual([0, 1_700]);
  });
});
