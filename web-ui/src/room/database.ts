import { WaitTimeout } from "../page/timeout";

/**
 * The time limit for opening IndexedDB, and for each request of a transaction. Then the wait ends with `WaitTimeout`.
 */
export const DATABASE_MS_MAX = 5_000;

/**
 * The time limit after another wait has timed out, until a transaction completes, so that several waits do not add up.
 */
const UNRESPONSIVE_MS_MAX = 500;

/** Whether the last wait for IndexedDB in this page timed out. */
let unresponsive = false;

type Work<T> = (store: IDBObjectStore, onProgress: () => void) => () => T;

/**
 * One object store in IndexedDB, with a time limit for every wait. A call rejects if the browser has no IndexedDB,
 * throws when it is used, fails, blocks, or never answers. A database that opens after the limit is closed again. A
 * transaction that times out is aborted, so that its writes have no effect later.
 */
export class Database {
  #opening: Promise<IDBDatabase> | null = null;

  constructor(
    private readonly name: string,
    private readonly store: string,
    private readonly limitMs = DATABASE_MS_MAX,
  ) {}

  /**
   * Runs one transaction.
   *
   * @param work makes the requests and returns a function that reads their result after the transaction has completed;
   * it calls `onProgress` when a request was answered, which restarts the time limit
   */
  async run<T>(mode: IDBTransactionMode, work: Work<T>): Promise<T> {
    const db = await this.#connection();
    return new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(this.store, mode);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        settle();
      };
      const onTimeout = (): void => {
        unresponsive = true;
        end(() => reject(new WaitTimeout(`a transaction of ${this.name} makes no progress`)));
        abort(transaction);
      };
      const onProgress = (): void => {
        clearTimeout(timer);
        timer = setTimeout(onTimeout, this.#timeoutMs);
      };
      onProgress();
      try {
        const result = work(transaction.objectStore(this.store), onProgress);
        transaction.oncomplete = () => {
          unresponsive = false;
          end(() => resolve(result()));
        };
      } catch (problem) {
        end(() => reject(problem));
        abort(transaction);
      }
      // A full disk causes an abort without an error. A request's own error also ends in an abort.
      transaction.onabort = () => end(() => reject(transaction.error ?? new Error("aborted")));
    });
  }

  get #timeoutMs(): number {
    return unresponsive ? Math.min(UNRESPONSIVE_MS_MAX, this.limitMs) : this.limitMs;
  }

  #connection(): Promise<IDBDatabase> {
    if (this.#opening === null) {
      const opening = this.#openDatabase();
      this.#opening = opening;
      opening.catch(() => this.#forget(opening));
    }
    return this.#opening;
  }

  #forget(opening: Promise<IDBDatabase>): void {
    if (this.#opening === opening) this.#opening = null;
  }

  #openDatabase(): Promise<IDBDatabase> {
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        unresponsive = true;
        reject(new WaitTimeout(`${this.name} does not open`));
      }, this.#timeoutMs);
      request.onupgradeneeded = () => request.result.createObjectStore(this.store);
      request.onerror = () => {
        clearTimeout(timer);
        reject(request.error ?? new Error(`${this.name} does not open`));
      };
      request.onsuccess = () => {
        clearTimeout(timer);
        const db = request.result;
        if (timedOut) {
          db.close();
          return;
        }
        // If the browser closes the database or another page deletes it, the next transaction opens it again.
        db.onclose = () => this.#forget(opening);
        db.onversionchange = () => {
          db.close();
          this.#forget(opening);
        };
        resolve(db);
      };
    });
    return opening;
  }
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // The transaction has ended already.
  }
}
