import { type DocHandle, Repo } from "@automerge/automerge-repo/slim";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomDoc } from "./schema/document";
import type { Connection, TicketSocket } from "./socket";
import { Cell } from "./store";
import { SyncTracker } from "./syncTracker";

describe("changes that the server does not acknowledge for 12 s", () => {
  const suspected = new Cell(false);
  const synced = new Cell(true);
  const restart = vi.fn();
  let tracker: SyncTracker;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("navigator", { onLine: true });
    restart.mockClear();
    suspected.set(false);
    synced.set(true);
    const handle = new Repo({ network: [] }).create({ title: "Room" }) as unknown as DocHandle<RoomDoc>;
    const connection = new Cell<Connection>({ state: "open", since: Date.now() });
    const socket = { connection, suspected, synced, restart } as unknown as TicketSocket;
    tracker = new SyncTracker(handle, socket, "server");
  });
  afterEach(() => {
    tracker.dispose();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("are sent again over a new connection", () => {
    vi.advanceTimersByTime(14_000);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("are not sent again while a pong is missing, since a slow line may still transmit them", () => {
    suspected.set(true);
    vi.advanceTimersByTime(60_000);
    expect(restart).not.toHaveBeenCalled();
    expect(tracker.state.get().kind).toBe("not-saved");
    suspected.set(false);
    vi.advanceTimersByTime(1_000);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("are not sent again before the server's first message, since a large document may be on its way", () => {
    synced.set(false);
    vi.advanceTimersByTime(60_000);
    expect(restart).not.toHaveBeenCalled();
  });
});
