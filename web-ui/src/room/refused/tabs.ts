const PATIENCE_MS = 5_000;
const WITHOUT_LOCKS_MS = 500;

/** Another tab of this browser holds the room open and does not let go. */
export class OtherTabsOpen extends Error {
  override readonly name = "OtherTabsOpen";
}

/**
 * The tabs of one browser that have the same room open. They share its local copy, so whoever drops that copy asks the
 * others to leave first and waits until they have; a tab that arrives meanwhile waits until it is done. Web Locks keep
 * count; where they are missing (no secure context) the others are only given a moment.
 */
export class RoomTabs {
  /** Kept once nobody drops the local copy. */
  readonly entered: Promise<void>;
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  #leave: () => void = () => undefined;

  constructor(documentId: string, onAskedToLeave: () => void) {
    this.#name = `parlor-open-${documentId}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = onAskedToLeave;
    this.entered = this.#enter();
  }

  /** Runs `task` when no other tab has the room open. Rejects with OtherTabsOpen when one stays. */
  async alone(task: () => Promise<void>): Promise<void> {
    this.#channel.postMessage("leave");
    if (navigator.locks === undefined) {
      await new Promise((resolve) => setTimeout(resolve, WITHOUT_LOCKS_MS));
      return task();
    }
    await this.entered;
    this.#leave();
    try {
      await navigator.locks.request(this.#name, { signal: AbortSignal.timeout(PATIENCE_MS) }, task);
    } catch (problem) {
      void this.#enter();
      const waited = problem instanceof DOMException && ["AbortError", "TimeoutError"].includes(problem.name);
      throw waited ? new OtherTabsOpen("Another tab has this room open.") : problem;
    }
  }

  dispose(): void {
    this.#channel.close();
    void this.entered.then(() => this.#leave());
  }

  #enter(): Promise<void> {
    const { locks } = navigator;
    if (locks === undefined) return Promise.resolve();
    return new Promise((entered) => {
      void locks.request(
        this.#name,
        { mode: "shared" },
        () =>
          new Promise<void>((left) => {
            this.#leave = left;
            entered();
          }),
      );
    });
  }
}
