import { useEffect, useSyncExternalStore } from "react";
import { within } from "./limit";

/** Limit for fetching a part of the page's code. After it the fetch counts as failed, and a person can retry it. */
export const CODE_MS = 45_000;

type State<T> = T | "coming" | "failed" | null;

/**
 * Code that is fetched on first use or ahead of it, and is used without a delay once it is loaded. React's `lazy` shows
 * its fallback for 300 ms even for code that has loaded, and keeps a failure for ever.
 */
export class Later<T> {
  #state: State<T> = null;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly fetch: () => Promise<T>,
    private readonly limitMs = CODE_MS,
  ) {}

  get = (): State<T> => this.#state;

  subscribe = (wake: () => void): (() => void) => {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  };

  /** Starts the fetch, unless the code is loaded or being loaded. */
  load = (): void => {
    if (this.#state !== null && this.#state !== "failed") return;
    this.#set("coming");
    const coming = this.fetch();
    within(this.limitMs, coming, "code of the page").then(
      (here) => this.#set(here),
      () => {
        this.#set("failed");
        // Code that loads after the limit is used as well.
        coming.then(
          (here) => this.#set(here),
          () => undefined,
        );
      },
    );
  };

  #set(state: State<T>): void {
    this.#state = state;
    for (const wake of [...this.#waiting]) wake();
  }
}

/** The loaded code; null while it is being fetched. A use starts the fetch, also after a failure. */
export function useLater<T>(later: Later<T>): T | "failed" | null {
  const state = useSyncExternalStore(later.subscribe, later.get);
  useEffect(() => later.load(), [later]);
  return state === "coming" ? null : state;
}
