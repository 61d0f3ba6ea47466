import { within } from "../../limit";

const PATIENCE_MS = 5_000;
const WITHOUT_LOCKS_MS = 500;

/** Another tab of this browser holds the room open and does not let go. */
export class OtherTabsOpen extends Error {
  override readonly name = "OtherTabsOpen";
}

/**
 * The tabs of one browser that have the same room open. They share its local copy, so whoever drops that copy asks the
 * others to leave first and waits until they have; a tab that arrives meanwhile waits until it is done. Web Locks keep
 * count; where they are missing (no secure context) or refused, the others are only given a moment. Without a channel
 * between tabs each is alone.
 */
export class RoomTabs {
  /** Kept once nobody drops the local copy. */
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

  /** Runs `task` when no other tab has the room open. Rejects with OtherTabsOpen when one stays. */
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

  /** Resolves when nobody drops the local copy; at once where locks are missing or refused. */
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

/** A channel to the other tabs of this browser, or null where there is none. */
export function channelOf(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
