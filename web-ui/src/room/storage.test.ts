import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepsNothing } from "./keepsNothing";
import { LocalStorage } from "./storage";

const tabs = { entered: Promise.resolve() };
const KEY = ["doc", "incremental", "a"];
const BYTES = new Uint8Array([1, 2, 3]);

/** A `Database` in memory that runs one transaction at a time, and fails or hangs on demand. */
class FakeDatabase {
  readonly entries = new Map<string, unknown>();
  fails: Error | null = null;
  hangs = false;
  runs = 0;

  run<T>(_mode: IDBTransactionMode, work: (store: IDBObjectStore, moved: () => void) => () => T): Promise<T> {
    this.runs++;
    if (this.hangs) return new Promise(() => undefined);
    if (this.fails !== null) return Promise.reject(this.fails);
    const store = {
      get: (key: string[]) => ({ result: this.entries.get(key.join("/")) }),
      put: (value: unknown, key: string[]) => this.entries.set(key.join("/"), value),
      delete: (key: string[]) => this.entries.delete(key.join("/")),
    };
    return Promise.resolve(work(store as unknown as IDBObjectStore, () => undefined)());
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("localStorage", {
    getItem: () => null,
    setItem: () => undefined,
    removeItem: () => undefined,
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the local storage of documents", () => {
  it("reads back what was written", async () => {
    const disk = new FakeDatabase();
    const storage = new LocalStorage(tabs, disk);
    await storage.save(KEY, BYTES);
    expect(await new LocalStorage(tabs, disk).load(KEY)).toEqual(BYTES);
    expect(storage.failing.get()).toBe(false);
    expect(keepsNothing()).toBe(false);
  });

  it("is switched off after a failed read: reads find nothing, writes do nothing, nothing rejects [CN4]", async () => {
    const disk = new FakeDatabase();
    disk.fails = new DOMException("no", "SecurityError");
    const storage = new LocalStorage(tabs, disk);
    expect(await storage.load(KEY)).toBeUndefined();
    expect(storage.failing.get()).toBe(true);
    expect(keepsNothing()).toBe(true);
    disk.fails = null;
    const runs = disk.runs;
    await storage.save(KEY, BYTES);
    await storage.remove(KEY);
    await storage.removeRange(["doc"]);
    expect(await storage.loadRange(["doc"])).toEqual([]);
    expect(disk.runs).toBe(runs);
    expect(disk.entries.size).toBe(0);
  });

  it("keeps failed writes in memory and repeats all of them in order [CN5]", async () => {
    const disk = new FakeDatabase();
    const storage = new LocalStorage(tabs, disk);
    await storage.load(KEY);
    disk.fails = new DOMException("full", "QuotaExceededError");
    await storage.save(KEY, BYTES);
    await storage.save(["doc", "incremental", "b"], BYTES);
    await storage.remove(KEY);
    expect(storage.failing.get()).toBe(true);
    expect(await storage.load(["doc", "incremental", "b"])).toEqual(BYTES);
    disk.fails = null;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([...disk.entries.keys()]).toEqual(["doc/incremental/b"]);
    expect(storage.failing.get()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is switched off after 10 s if another tab does not finish dropping the local copy", async () => {
    const disk = new FakeDatabase();
    const storage = new LocalStorage({ entered: new Promise(() => undefined) }, disk);
    const read = storage.load(KEY);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await read).toBeUndefined();
    expect(storage.failing.get()).toBe(true);
    expect(disk.runs).toBe(0);
  });

  it("writes nothing after it was sealed, not even pending writes", async () => {
    const disk = new FakeDatabase();
    const storage = new LocalStorage(tabs, disk);
    await storage.load(KEY);
    disk.fails = new Error("no");
    await storage.save(KEY, BYTES);
    storage.seal();
    disk.fails = null;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(disk.entries.size).toBe(0);
  });

  it("is switched off when more than 64 MiB of failed writes are in memory", async () => {
    const disk = new FakeDatabase();
    const storage = new LocalStorage(tabs, disk);
    await storage.load(KEY);
    disk.fails = new Error("no");
    await storage.save(KEY, new Uint8Array(64 * 1024 * 1024 + 1));
    disk.fails = null;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(disk.entries.size).toBe(0);
    expect(storage.failing.get()).toBe(true);
  });
});
