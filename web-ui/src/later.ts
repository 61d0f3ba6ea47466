import { useEffect, useSyncExternalStore } from "react";
import { within } from "./limit";

/** For a part of the page's code; then it counts as failed, and a person can ask for it again. */
export const CODE_MS = 45_000;

type State<T> = T | "coming" | "failed" | null;

/**
 * Code that is fetched when something needs it, or ahead of that, and is used at once when it is there. React's `lazy` lets
 * its fallback stand for 300 ms even for code that has long come, and keeps a failure for ever.
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

  /** Begins to fetch it, unless it is here or on its way. */
  load = (): void => {
    if (this.#state !== null && this.#state !== "failed") return;
    this.#set("coming");
    const coming = this.fetch();
    within(this.limitMs, coming, "code of the page").then(
      (here) => this.#set(here),
      () => {
        this.#set("failed");
        // Late code is as good.
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

/** What was fetched; null while it is on its way, which a use begins, also after a failure. */
export function useLater<T>(later: Later<T>): T | "failed" | null {
  const state = useSyncExternalStore(later.subscribe, later.get);
  useEffect(() => later.load(), [later]);
  return state === "coming" ? null : state;
}
