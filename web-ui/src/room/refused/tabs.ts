import { withTimeout } from "../../page/timeout";
import { refusedTexts } from "../../texts";

const LEAVE_MS_MAX = 5_000;
const WITHOUT_LOCKS_MS = 500;

/** Another tab of this browser has the room open and did not leave in time. */
export class OtherTabsOpen extends Error {
  override readonly name = "OtherTabsOpen";
}

/**
 * Coordinates the tabs of one browser that have the same room open, because they share its local copy. A tab that wants
 * to drop the copy first asks the other tabs to leave and waits for them. A tab that opens meanwhile waits until the
 * copy is dropped. Each open tab holds a shared Web Lock, and the drop needs the exclusive lock. If Web Locks are
 * missing (no secure context), the other tabs only get a short time to leave. Without a BroadcastChannel, no tab is
 * asked to leave.
 */
export class RoomTabs {
  /** Resolves when no other tab is dropping the local copy, so that this tab may read it. */
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

  /** Asks the other tabs to leave, then runs `task`. Rejects with `OtherTabsOpen` if a tab does not leave in time. */
  async runExclusively(task: () => Promise<void>): Promise<void> {
    this.#channel?.postMessage("leave");
    const locks = lockManager();
    if (locks === null) {
      await new Promise((resolve) => setTimeout(resolve, WITHOUT_LOCKS_MS));
      return task();
    }
    await withTimeout(LEAVE_MS_MAX, this.entered, "entering").catch(() => {
      throw new OtherTabsOpen(refusedTexts.anotherTabRoomOpen);
    });
    this.#releaseLock();
    try {
      await locks.request(this.#name, { signal: AbortSignal.timeout(LEAVE_MS_MAX) }, task);
    } catch (problem) {
      void this.#enter();
      const timedOut =
        problem instanceof DOMException && ["AbortError", "TimeoutError"].includes(problem.name);
      throw timedOut ? new OtherTabsOpen(refusedTexts.anotherTabRoomOpen) : problem;
    }
  }

  dispose(): void {
    this.#channel?.close();
    this.#disposed.abort();
    void this.entered.then(() => this.#releaseLock());
  }

  /** Takes the shared lock and keeps it. Resolves at once if Web Locks are missing or the request fails. */
  #enter(): Promise<void> {
    const locks = lockManager();
    if (locks === null) return Promise.resolve();
    return new Promise((resolveEntered) => {
      const holdLock = (): Promise<void> =>
        new Promise<void>((release) => {
          this.#releaseLock = release;
          resolveEntered();
        });
      Promise.resolve()
        .then(() => locks.request(this.#name, { mode: "shared", signal: this.#disposed.signal }, holdLock))
        .catch(() => resolveEntered());
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
