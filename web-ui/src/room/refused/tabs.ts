import { withTimeout } from "../../page/timeout";

const LEAVE_MS_MAX = 5_000;
const WITHOUT_LOCKS_MS = 500;

/** Another tab of this browser has the room open and does not release it. */
export class OtherTabsOpen extends Error {
  override readonly name = "OtherTabsOpen";
}

/**
 * The tabs of one browser that have the same room open. They share its local copy. A tab that drops the copy first asks
 * the other tabs to leave and waits for them. A tab that arrives meanwhile waits until the drop is done. Web Locks
 * count the tabs. If they are missing (no secure context) or refused, the other tabs only get a short time to leave.
 * Without a channel between tabs, each tab works alone.
 */
export class RoomTabs {
  /** Holds the room open once no tab is dropping the local copy. */
  readonly entered: Promise<void>;
  readonly #name: string;
  readonly #channel: BroadcastChannel | null;
  readonly #disposed = new AbortController();
  #releaseLock: () => void = () => undefined;

  constructor(documentId: string, onLeaveRequest: () => void) {
    this.#name = `parlor-open-${documentId}`;
    this.#channel = channelOf(this.#name);
    if (this.#channel !== null) this.#channel.onmessage = onLeaveRequest;
    this.entered = this.#enter();
  }

  /** Runs `task` if no other tab has the room open. Rejects with OtherTabsOpen if one stays. */
  async runExclusively(task: () => Promise<void>): Promise<void> {
    this.#channel?.postMessage("leave");
    const locks = lockManager();
    if (locks === null) {
      await new Promise((resolve) => setTimeout(resolve, WITHOUT_LOCKS_MS));
      return task();
    }
    await withTimeout(LEAVE_MS_MAX, this.entered, "entering").catch(() => {
      throw new OtherTabsOpen("Another tab has this room open.");
    });
    this.#releaseLock();
    try {
      await locks.request(this.#name, { signal: AbortSignal.timeout(LEAVE_MS_MAX) }, task);
    } catch (problem) {
      void this.#enter();
      const timedOut =
        problem instanceof DOMException && ["AbortError", "TimeoutError"].includes(problem.name);
      throw timedOut ? new OtherTabsOpen("Another tab has this room open.") : problem;
    }
  }

  dispose(): void {
    this.#channel?.close();
    this.#disposed.abort();
    void this.entered.then(() => this.#releaseLock());
  }

  /** Resolves when no tab is dropping the local copy; at once if locks are missing or refused. */
  #enter(): Promise<void> {
    const locks = lockManager();
    if (locks === null) return Promise.resolve();
    return new Promise((entered) => {
      const holdLock = (): Promise<void> =>
        new Promise<void>((release) => {
          this.#releaseLock = release;
          entered();
        });
      Promise.resolve()
        .then(() => locks.request(this.#name, { mode: "shared", signal: this.#disposed.signal }, holdLock))
        .catch(() => entered());
    });
  }
}

function lockManager(): LockManager | null {
  try {
    return navigator.locks ?? null;
  } catch {
    return null;
  }
}

/** A channel to the other tabs of this browser, or null if the browser has none. */
export function channelOf(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
