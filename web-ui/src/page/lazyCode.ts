import { useEffect, useSyncExternalStore } from "react";
import { withTimeout } from "./timeout";

/**
 * The time limit for fetching a part of the page's code. Then the fetch counts as failed, and a person can retry it.
 */
export const CODE_MS = 45_000;

type State<T> = T | "loading" | "failed" | null;

/**
 * Code that is fetched on first use or earlier, and is used without a delay when it has loaded. React's `lazy` is not
 * used because it shows its fallback for 300 ms even for loaded code, and never retries after a failure.
 */
export class LazyCode<T> {
  #state: State<T> = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly fetch: () => Promise<T>,
    private readonly limitMs = CODE_MS,
  ) {}

  get = (): State<T> => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Starts the fetch, unless the code is loaded or being loaded. */
  load = (): void => {
    if (this.#state !== null && this.#state !== "failed") return;
    this.#set("loading");
    const fetching = this.fetch();
    withTimeout(this.limitMs, fetching, "code of the page").then(
      (code) => this.#set(code),
      () => {
        this.#set("failed");
        // Code that loads after the limit is still used.
        fetching.then(
          (code) => this.#set(code),
          () => undefined,
        );
      },
    );
  };

  #set(state: State<T>): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * The loaded code, or null while it is loading. The first use in a component starts the fetch, also after a failure.
 */
export function useLazyCode<T>(lazyCode: LazyCode<T>): T | "failed" | null {
  const state = useSyncExternalStore(lazyCode.subscribe, lazyCode.get);
  useEffect(() => lazyCode.load(), [lazyCode]);
  return state === "loading" ? null : state;
}
