import type { StorageAdapterInterface, StorageKey } from "@automerge/automerge-repo/slim";
import { withTimeout } from "../page/timeout";
import { Database } from "./database";
import { documentsKept } from "./keepsNothing";
import type { RoomTabs } from "./refused/tabs";
import { Cell } from "./store";

export { keepsNothing, keepsNothingSource } from "./keepsNothing";

/**
 * The time limit for another tab to drop the local copy while this tab waits to read it. Then this page works from
 * memory.
 */
const ENTER_MS_MAX = 10_000;
/** The pause before failed writes are retried. It doubles each time. */
const RETRY_MS_MIN = 5_000;
const RETRY_MS_MAX = 60_000;
/** The limit for failed writes in memory. Above it, the storage is switched off. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024;

interface Write {
  readonly key: StorageKey;
  /** The value, or null to remove the key. */
  readonly binary: Uint8Array | null;
  inFlight: boolean;
}

interface Chunk {
  readonly key: StorageKey;
  readonly data: Uint8Array | undefined;
}

/**
 * automerge-repo's storage of documents in IndexedDB. Its methods never reject, and each ends within a time limit.
 *
 * After a failed read, the storage is switched off until the page is closed: the room works from memory, and a late
 * answer of IndexedDB is not used. Failed writes stay in memory and are retried together and in order, so that the
 * stored changes never have a gap. Reads wait while another tab drops the room's local copy. A sealed storage writes
 * nothing.
 */
export class LocalStorage implements StorageAdapterInterface {
  /** Whether the last writes failed, so that they are lost when the page is closed. */
  readonly failing = new Cell(false);
  readonly #writes = new Map<string, Write>();
  #abandoned = false;
  #sealed = false;
  #retryMs = RETRY_MS_MIN;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly tabs: Pick<RoomTabs, "entered">,
    private readonly database: Pick<Database, "run"> = new Database("parlor", "documents"),
  ) {}

  async load(key: StorageKey): Promise<Uint8Array | undefined> {
    const pending = this.#writes.get(writeKey(key));
    if (pending !== undefined) return pending.binary ?? undefined;
    return this.#read(undefined, (store) => {
      const request = store.get(key as string[]);
      return () => binaryOf(request.result);
    });
  }

  async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    return this.#read([], (store, onProgress) => {
      const chunks: Chunk[] = [];
      const request = store.openCursor(rangeOf(prefix));
      request.onsuccess = () => {
        onProgress();
        const cursor = request.result;
        if (cursor === null) return;
        chunks.push({ key: cursor.key as string[], data: binaryOf(cursor.value) });
        cursor.continue();
      };
      return () => chunks;
    });
  }

  async save(key: StorageKey, binary: Uint8Array): Promise<void> {
    await this.#write({ key, binary, inFlight: false });
  }

  async remove(key: StorageKey): Promise<void> {
    await this.#write({ key, binary: null, inFlight: false });
  }

  async removeRange(prefix: StorageKey): Promise<void> {
    if (!this.#sealed && !this.#abandoned) await this.#removeRange(prefix).catch(() => undefined);
  }

  /** Stops all writes and discards the failed writes in memory. */
  seal(): void {
    this.#sealed = true;
    this.#writes.clear();
    clearTimeout(this.#retry);
  }

  /** Seals the storage and removes all stored data of one document. */
  async drop(documentId: string): Promise<void> {
    this.seal();
    if (!this.#abandoned) await this.#removeRange([documentId]);
  }

  /** Switches the storage off: stops all reads and writes, and ignores late answers of IndexedDB. */
  abandon(): void {
    this.#abandoned = true;
    this.#writes.clear();
    clearTimeout(this.#retry);
    this.#setKept(false);
  }

  async #read<T>(fallback: T, work: (store: IDBObjectStore, onProgress: () => void) => () => T): Promise<T> {
    if (this.#abandoned) return fallback;
    try {
      await withTimeout(ENTER_MS_MAX, this.tabs.entered, "dropping the local copy in another tab");
      const found = await this.database.run("readonly", work);
      if (this.#abandoned) return fallback;
      if (!this.failing.get()) this.#setKept(true);
      return found;
    } catch {
      this.abandon();
      return fallback;
    }
  }

  async #write(write: Write): Promise<void> {
    if (this.#sealed || this.#abandoned) return;
    const name = writeKey(write.key);
    // A newer value of a key moves to the end, so that writes keep their order.
    this.#writes.delete(name);
    this.#writes.set(name, write);
    await this.#flush();
  }

  /** Writes all pending writes that are not in flight. IndexedDB runs transactions on one store in order. */
  async #flush(): Promise<void> {
    const writes = [...this.#writes].filter(([, { inFlight }]) => !inFlight);
    if (writes.length === 0) return;
    for (const [, write] of writes) write.inFlight = true;
    try {
      await this.database.run("readwrite", (store) => {
        for (const [, { key, binary }] of writes) {
          if (binary === null) store.delete(key as string[]);
          else store.put({ key, binary }, key as string[]);
        }
        return () => undefined;
      });
      for (const [name, write] of writes) if (this.#writes.get(name) === write) this.#writes.delete(name);
      this.#retryMs = RETRY_MS_MIN;
      if (!this.#abandoned && ![...this.#writes.values()].some(({ inFlight }) => !inFlight))
        this.#setKept(true);
    } catch {
      for (const [, write] of writes) write.inFlight = false;
      if (this.#sealed || this.#abandoned) return;
      this.#setKept(false);
      this.#scheduleRetry();
    }
  }

  #scheduleRetry(): void {
    const bytes = [...this.#writes.values()].reduce((sum, { binary }) => sum + (binary?.length ?? 0), 0);
    if (bytes > PENDING_BYTES_MAX) {
      this.abandon();
      return;
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#flush(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
  }

  #removeRange(prefix: StorageKey): Promise<void> {
    return this.database.run("readwrite", (store) => {
      store.delete(rangeOf(prefix));
      return () => undefined;
    });
  }

  #setKept(kept: boolean): void {
    documentsKept.set(kept ? "kept" : "lost");
    this.failing.set(!kept);
  }
}

const writeKey = (key: StorageKey): string => JSON.stringify(key);

const rangeOf = (prefix: StorageKey): IDBKeyRange =>
  IDBKeyRange.bound(prefix as string[], [...prefix, "\uffff"]);

function binaryOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== "object" || value === null || !("binary" in value)) return undefined;
  return value.binary instanceof Uint8Array ? value.binary : undefined;
}
