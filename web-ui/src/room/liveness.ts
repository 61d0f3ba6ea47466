/** A ping is sent when the last pong is older than this. A hidden page sends pings less often. */
const PING_EVERY_MS = 7_500;
const PING_HIDDEN_MS = 60_000;
/** The time that the server has to answer a ping. After it the connection counts as dead. */
const PONG_MS = 3_500;
/** The same after the page was shown again or the network changed. */
const PONG_SOON_MS = 2_500;
/** After this time the page no longer claims to know the server's state. */
const DOUBT_MS = 1_000;
/** The time from the document's first message out to the server's first message back: many MB may be on their way. */
const FIRST_MS = 15_000;
const FIRST_MS_MAX = 60_000;
/**
 * The bytes that a slow line carries in a millisecond. A pong waits behind the bytes that were sent before its ping.
 */
const SLOW_BYTES_PER_MS = 32;
const SLOW_MS_MAX = 60_000;
/** Ticks come every second. A later tick shows that time was lost: the computer slept, or the page was frozen. */
const LATE_MS = 3_000;
/** Ping counts start again here, so that each takes one byte. */
const COUNTS = 24;

/**
 * The owner's task: send a ping with this count, or verify that the network had time to answer and then abandon the
 * connection.
 */
export type Step = { readonly do: "nothing" | "confirm" } | { readonly do: "ping"; readonly count: number };

const NOTHING: Step = { do: "nothing" };

/**
 * Decides whether one open connection still works. A page's script sees neither the server's pings nor a connection
 * that swallows bytes, so it sends its own pings and expects a pong for each [LV1].
 *
 * A pure state machine: times come as arguments, in milliseconds since 1970, and may jump.
 */
export class Liveness {
  #lastPong: number;
  #lastTick: number;
  #count = 0;
  /** The ping without a pong so far. */
  #ping: { readonly count: number; readonly at: number; readonly limit: number } | null = null;
  #confirming = false;
  #confirmations = 0;
  #unansweredBytes = 0;
  /** The time of the document's first message out, until the server's first message about it. */
  #firstAt: number | null = null;
  #first = true;

  /** @param failedBefore consecutive connections that ended before the server's first message of the document */
  constructor(
    now: number,
    private readonly failedBefore = 0,
  ) {
    this.#lastPong = now;
    this.#lastTick = now;
  }

  /** Whether the server has sent nothing about the document yet. */
  get first(): boolean {
    return this.#first;
  }

  /** Whether the pong is overdue and no message has come since. The connection is then abandoned. */
  get givenUp(): boolean {
    return this.#confirming;
  }

  /** Counts the overdue pongs, so that callers can distinguish them. */
  get confirmations(): number {
    return this.#confirmations;
  }

  /** The time when the server last answered. */
  get lastPong(): number {
    return this.#lastPong;
  }

  /** A message of the document went out. */
  sent(bytes: number, now: number): void {
    this.#unansweredBytes += bytes;
    if (this.#first) this.#firstAt ??= now;
  }

  /** A message of the document came in. */
  received(now: number): void {
    if (!this.#first) return;
    this.#first = false;
    this.#firstAt = null;
    this.#answered(now);
  }

  /** Returns whether this is the expected pong. */
  pong(count: unknown, now: number): boolean {
    if (this.#ping === null || count !== this.#ping.count) return false;
    this.#answered(now);
    return true;
  }

  tick(now: number, shown: boolean): Step {
    const lost = now - this.#lastTick > LATE_MS || now < this.#lastTick;
    this.#lastTick = now;
    if (this.#confirming) return NOTHING;
    if (lost) return this.#afterGap(now);
    if (this.#firstAt !== null) {
      const limit = Math.min(FIRST_MS_MAX, FIRST_MS * 2 ** this.failedBefore);
      return now - this.#firstAt < limit + this.#slowMs() ? NOTHING : this.#confirm();
    }
    if (this.#ping !== null) {
      return now - this.#ping.at < this.#ping.limit + this.#slowMs() ? NOTHING : this.#confirm();
    }
    const every = shown ? PING_EVERY_MS : PING_HIDDEN_MS;
    return now - this.#lastPong < every ? NOTHING : this.#send(now, PONG_MS);
  }

  /** The page was shown again or the network changed: sends a ping at once, with a short limit. */
  wake(now: number): Step {
    if (this.#confirming || this.#firstAt !== null) return NOTHING;
    if (this.#ping?.limit === PONG_SOON_MS) return NOTHING;
    return this.#send(now, PONG_SOON_MS);
  }

  /** Whether the server's answer is overdue. */
  doubted(now: number): boolean {
    return this.#confirming || (this.#ping !== null && now - this.#ping.at >= DOUBT_MS);
  }

  /** Time was lost: earlier deadlines no longer mean anything. */
  #afterGap(now: number): Step {
    if (this.#firstAt !== null) {
      this.#firstAt = now;
      return NOTHING;
    }
    return this.#send(now, PONG_SOON_MS);
  }

  #send(now: number, limit: number): Step {
    this.#count = (this.#count + 1) % COUNTS;
    this.#ping = { count: this.#count, at: now, limit };
    return { do: "ping", count: this.#count };
  }

  #confirm(): Step {
    this.#confirming = true;
    this.#confirmations++;
    return { do: "confirm" };
  }

  #answered(now: number): void {
    this.#ping = null;
    this.#confirming = false;
    this.#lastPong = now;
    this.#unansweredBytes = 0;
  }

  #slowMs(): number {
    return Math.min(SLOW_MS_MAX, this.#unansweredBytes / SLOW_BYTES_PER_MS);
  }
}
