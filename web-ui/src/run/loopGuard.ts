import { LOOP_GUARD } from "./messages";

/** The longest time that one task of an app may take where it would freeze the room, in milliseconds. */
const TASK_MS_MAX = 3_000;
/** The clock is read at each call with this number, since reading it costs more than counting. */
const READ_EVERY = 512;

/** Measures how long the current task runs. */
export class TaskTime {
  #calls = 0;
  #startedAt: number | null = null;

  /**
   * @param now milliseconds of a monotonic clock
   * @param atEnd calls a function after the current task
   */
  constructor(
    private readonly now: () => number,
    private readonly atEnd: (end: () => void) => void,
  ) {}

  /** Throws if the current task takes too long. */
  readonly check = (): void => {
    if (this.#startedAt === null) {
      this.#startedAt = this.now();
      this.atEnd(() => {
        this.#startedAt = null;
      });
    }
    this.#calls += 1;
    if (this.#calls % READ_EVERY === 0 && this.now() - this.#startedAt > TASK_MS_MAX)
      throw new Error(
        `A loop or function ran longer than ${TASK_MS_MAX / 1000} s without a pause, so it was stopped.`,
      );
  };
}

/** Offers the guard that the page has put into the loops of the code. */
export function offerLoopGuard(): void {
  const { port1, port2 } = new MessageChannel();
  let ended: (() => void) | null = null;
  port1.onmessage = () => ended?.();
  const time = new TaskTime(performance.now.bind(performance), (end) => {
    ended = end;
    port2.postMessage(null);
  });
  Object.defineProperty(window, LOOP_GUARD, { value: time.check });
}
