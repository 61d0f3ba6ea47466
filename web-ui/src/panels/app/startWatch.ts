/** After its document has loaded, a frame must start within this time. An error page of the browser never starts. */
export const START_MS = 3_000;
/** A frame must load within this time. */
export const LOAD_MS = 8_000;

/** Notices that a frame does not start, because the browser does not reach its host. Times are milliseconds. */
export class StartWatch {
  #deadline: number;
  #started = false;

  constructor(now: number) {
    this.#deadline = now + LOAD_MS;
  }

  loaded(now: number): void {
    this.#deadline = now + START_MS;
  }

  started(): void {
    this.#started = true;
  }

  isLate(now: number): boolean {
    return !this.#started && now >= this.#deadline;
  }
}
