import { type DocHandle, Repo } from "@automerge/automerge-repo/slim";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomDoc } from "./schema/document";
import type { Connection, TicketSocket } from "./socket";
import { Cell } from "./store";
import { describeSync } from "./syncState";
import { SyncTracker } from "./syncTracker";

describe("changes that the server does not acknowledge for 12 s", () => {
  const suspected = new Cell(false);
  const synced = new Cell(true);
  const restart = vi.fn();
  const storageAway = vi.fn(() => Promise.resolve(false));
  const savesInMemory = vi.fn(() => Promise.resolve(false));
  let connection: Cell<Connection>;
  let tracker: SyncTracker;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("navigator", { onLine: true });
    restart.mockClear();
    storageAway.mockResolvedValue(false);
    storageAway.mockClear();
    suspected.set(false);
    synced.set(true);
    const handle = new Repo({ network: [] }).create({ title: "Room" }) as unknown as DocHandle<RoomDoc>;
    connection = new Cell<Connection>({ state: "open", since: Date.now() });
    const socket = { connection, suspected, synced, restart } as unknown as TicketSocket;
    tracker = new SyncTracker(handle, socket, "server", { storageAway, savesInMemory });
  });
  afterEach(() => {
    tracker.dispose();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("are sent again over a new connection", async () => {
    await vi.advanceTimersByTimeAsync(14_000);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("are not sent again while a pong is missing, since a slow line may still transmit them", async () => {
    suspected.set(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(restart).not.toHaveBeenCalled();
    expect(tracker.state.get().kind).toBe("not-saved");
    suspected.set(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("are not sent again before the server's first message, since a large document may be on its way", () => {
    synced.set(false);
    vi.advanceTimersByTime(60_000);
    expect(restart).not.toHaveBeenCalled();
  });

  it("stay on the connection while the server says that its storage is away, and the pill says so", async () => {
    storageAway.mockResolvedValue(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(restart).not.toHaveBeenCalled();
    expect(tracker.state.get()).toMatchObject({ kind: "not-saved", storageAway: true });
    storageAway.mockResolvedValue(false);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(tracker.state.get()).not.toHaveProperty("storageAway");
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("stay on the connection if the server says only at the time of the restart that its storage is away", async () => {
    await vi.advanceTimersByTimeAsync(11_900);
    storageAway.mockResolvedValue(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(restart).not.toHaveBeenCalled();
    expect(tracker.state.get()).toMatchObject({ kind: "not-saved", storageAway: true });
  });

  it("are sent again over a new connection if the server does not answer the question", async () => {
    storageAway.mockRejectedValue(new Error("no answer"));
    await vi.advanceTimersByTimeAsync(14_000);
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it("are named with the storage of the server as the reason, also when no connection opens", async () => {
    storageAway.mockResolvedValue(true);
    connection.set({ state: "waiting", since: Date.now(), attempt: 1 });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tracker.state.get()).toMatchObject({ kind: "offline", storageAway: true });
    expect(describeSync(tracker.state.get())).toMatchObject({ label: "Not connected, 1 change kept here" });
    expect(storageAway.mock.calls.length).toBeLessThanOrEqual(3);
    storageAway.mockResolvedValue(false);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(tracker.state.get()).not.toHaveProperty("storageAway");
  });

  it("let the page ask the server why, at most every 2 s", async () => {
    await vi.advanceTimersByTimeAsync(5_000);
    expect(storageAway).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(storageAway.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(storageAway.mock.calls.length).toBeLessThanOrEqual(3);
  });
});
