import { within } from "../../page/limit";

const PATIENCE_MS = 5_000;
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
  readonly #gone = new AbortController();
  #leave: () => void = () => undefined;

  constructor(documentId: string, onAskedToLeave: () => void) {
    this.#name = `parlor-open-${documentId}`;
    this.#channel = channelOf(this.#name);
    if (this.#channel !== null) this.#channel.onmessage = onAskedToLeave;
    this.entered = this.#enter();
  }

  /** Runs `task` if no other tab has the room open. Rejects with OtherTabsOpen if one stays. */
  async alone(task: () => Promise<void>): Promise<void> {
    this.#channel?.postMessage("leave");
    const locks = locksHere();
    if (locks === null) {
      await new Promise((resolve) => setTimeout(resolve, WITHOUT_LOCKS_MS));
      return task();
    }
    await within(PATIENCE_MS, this.entered, "entering").catch(() => {
      throw new OtherTabsOpen("Another tab has this room open.");
    });
    this.#leave();
    try {
      await locks.request(this.#name, { signal: AbortSignal.timeout(PATIENCE_MS) }, task);
    } catch (problem) {
      void this.#enter();
      const waited = problem instanceof DOMException && ["AbortError", "TimeoutError"].includes(problem.name);
      throw waited ? new OtherTabsOpen("Another tab has this room open.") : problem;
    }
  }

  dispose(): void {
    this.#channel?.close();
    this.#gone.abort();
    void this.entered.then(() => this.#leave());
  }

  /** Resolves when no tab is dropping the local copy; at once if locks are missing or refused. */
  #enter(): Promise<void> {
    const locks = locksHere();
    if (locks === null) return Promise.resolve();
    return new Promise((entered) => {
      const holding = (): Promise<void> =>
        new Promise<void>((left) => {
          this.#leave = left;
          entered();
        });
      Promise.resolve()
        .then(() => locks.request(this.#name, { mode: "shared", signal: this.#gone.signal }, holding))
        .catch(() => entered());
    });
  }
}

function locksHere(): LockManager | null {
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
