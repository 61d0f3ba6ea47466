import { runTexts } from "../texts";
import { STATE_LIMITS, stateProblem } from "./messages";

type Listener = (value: unknown) => void;

interface Outside {
  readonly send: (key: string, json: string | null) => void;
  readonly now: () => number;
  readonly later: (action: () => void, millis: number) => void;
  readonly canEdit: boolean;
  /** Receives the error of a listener, so that one listener cannot stop the others. */
  readonly onError: (error: unknown) => void;
}

/**
 * The state that all people share in one app, as the app sees it: `parlor.state`. A write is visible here at once. At
 * most ten writes a second are sent to the page; of faster writes to one key, the last is sent.
 */
export class SharedState {
  readonly #values: Map<string, string>;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #unsent = new Map<string, string | null>();
  #sentAt = Number.NEGATIVE_INFINITY;
  #scheduled = false;

  constructor(
    initial: Readonly<Record<string, string>>,
    private readonly outside: Outside,
  ) {
    this.#values = new Map(Object.entries(initial));
  }

  get(key: string): unknown {
    return parsed(this.#values.get(String(key)));
  }

  /** Sets a key for all people. `undefined` removes the key. */
  set(key: string, value: unknown): void {
    if (!this.outside.canEdit) throw new Error(runTexts.spectatorCannotChangeState);
    const name = String(key);
    const json = value === undefined ? null : (JSON.stringify(value) ?? null);
    const problem = stateProblem(name, json, [...this.#values.keys()]);
    if (problem !== null) throw new Error(problem);
    if (json === (this.#values.get(name) ?? null)) return;
    this.#keep(name, json);
    this.#unsent.set(name, json);
    this.#flush();
  }

  /** Calls `listener` with the new value after each change of the key. Returns a function that ends this. */
  subscribe(key: string, listener: Listener): () => void {
    const name = String(key);
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
    return () => set.delete(listener);
  }

  /** Takes over a value from the page. A value that this app has not sent yet stays. */
  receive(key: string, json: string | null): void {
    if (this.#unsent.has(key) || json === (this.#values.get(key) ?? null)) return;
    this.#keep(key, json);
  }

  #keep(key: string, json: string | null): void {
    if (json === null) this.#values.delete(key);
    else this.#values.set(key, json);
    for (const listener of [...(this.#listeners.get(key) ?? [])]) {
      try {
        listener(parsed(json ?? undefined));
      } catch (error) {
        this.outside.onError(error);
      }
    }
  }

  #flush(): void {
    const next = this.#unsent.entries().next();
    if (next.done || this.#scheduled) return;
    const wait = this.#sentAt + 1000 / STATE_LIMITS.perSecond - this.outside.now();
    if (wait > 0) {
      this.#scheduled = true;
      this.outside.later(() => {
        this.#scheduled = false;
        this.#flush();
      }, wait);
      return;
    }
    const [key, json] = next.value;
    this.#unsent.delete(key);
    this.#sentAt = this.outside.now();
    this.outside.send(key, json);
    this.#flush();
  }
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
