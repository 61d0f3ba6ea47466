/** A ping is sent when the last pong is older than this. A hidden page sends pings less often. */
const PING_EVERY_MS = 7_500;
const PING_HIDDEN_MS = 60_000;
/** The time that the server has to answer a ping. After it the connection counts as dead. */
const PONG_MS = 3_500;
/** The same after the page was shown again or the network changed. */
const PONG_AFTER_WAKE_MS = 2_500;
/** After this time the page no longer claims to know the server's state. */
const SUSPECT_MS = 1_000;
/** The time from the document's first message out to the server's first message back: many MB may be on their way. */
const FIRST_MESSAGE_MS = 15_000;
const FIRST_MESSAGE_MS_MAX = 60_000;
/**
 * The bytes that a slow line carries in a millisecond. A pong waits behind the bytes that were sent before its ping.
 */
const SLOW_BYTES_PER_MS = 32;
const SLOW_MS_MAX = 60_000;
/** Ticks come every second. A later tick shows that time was lost: the computer slept, or the page was frozen. */
const TICK_GAP_MS = 3_000;
/** Ping counts start again here, so that each takes one byte. */
const PING_COUNTS = 24;

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
  #ping: { readonly count: number; readonly at: number; readonly limitMs: number } | null = null;
  #verifying = false;
  #missedPongs = 0;
  #unansweredBytes = 0;
  /** The time of the document's first message out, until the server's first message about it. */
  #firstSentAt: number | null = null;
  #awaitsFirstMessage = true;

  /** @param failedConnections consecutive connections that ended before the server's first message of the document */
  constructor(
    now: number,
    private readonly failedConnections = 0,
  ) {
    this.#lastPong = now;
    this.#lastTick = now;
  }

  /** Whether the server has sent nothing about the document yet. */
  get awaitsFirstMessage(): boolean {
    return this.#awaitsFirstMessage;
  }

  /** Whether the pong is overdue and no message has come since. The connection is then abandoned. */
  get pongMissed(): boolean {
    return this.#verifying;
  }

  /** Counts the overdue pongs, so that callers can distinguish them. */
  get missedPongs(): number {
    return this.#missedPongs;
  }

  /** The time when the server last answered. */
  get lastPong(): number {
    return this.#lastPong;
  }

  /** A message of the document went out. */
  sent(bytes: number, now: number): void {
    this.#unansweredBytes += bytes;
    if (this.#awaitsFirstMessage) this.#firstSentAt ??= now;
  }

  /** A message of the document came in. */
  received(now: number): void {
    if (!this.#awaitsFirstMessage) return;
    this.#awaitsFirstMessage = false;
    this.#firstSentAt = null;
    this.#answered(now);
  }

  /** Returns whether this is the expected pong. */
  pong(count: unknown, now: number): boolean {
    if (this.#ping === null || count !== this.#ping.count) return false;
    this.#answered(now);
    return true;
  }

  tick(now: number, shown: boolean): Step {
    const timeLost = now - this.#lastTick > TICK_GAP_MS || now < this.#lastTick;
    this.#lastTick = now;
    if (this.#verifying) return NOTHING;
    if (timeLost) return this.#afterGap(now);
    if (this.#firstSentAt !== null) {
      const limitMs = Math.min(FIRST_MESSAGE_MS_MAX, FIRST_MESSAGE_MS * 2 ** this.failedConnections);
      return now - this.#firstSentAt < limitMs + this.#slowMs() ? NOTHING : this.#verify();
    }
    if (this.#ping !== null) {
      return now - this.#ping.at < this.#ping.limitMs + this.#slowMs() ? NOTHING : this.#verify();
    }
    const intervalMs = shown ? PING_EVERY_MS : PING_HIDDEN_MS;
    return now - this.#lastPong < intervalMs ? NOTHING : this.#send(now, PONG_MS);
  }

  /** The page was shown again or the network changed: sends a ping at once, with a short limit. */
  wake(now: number): Step {
    if (this.#verifying || this.#firstSentAt !== null) return NOTHING;
    if (this.#ping?.limitMs === PONG_AFTER_WAKE_MS) return NOTHING;
    return this.#send(now, PONG_AFTER_WAKE_MS);
  }

  /** Whether the server's answer is overdue. */
  suspected(now: number): boolean {
    return this.#verifying || (this.#ping !== null && now - this.#ping.at >= SUSPECT_MS);
  }

  /** Time was lost: earlier deadlines no longer mean anything. */
  #afterGap(now: number): Step {
    if (this.#firstSentAt !== null) {
      this.#firstSentAt = now;
      return NOTHING;
    }
    return this.#send(now, PONG_AFTER_WAKE_MS);
  }

  #send(now: number, limitMs: number): Step {
    this.#count = (this.#count + 1) % PING_COUNTS;
    this.#ping = { count: this.#count, at: now, limitMs };
    return { do: "ping", count: this.#count };
  }

  #verify(): Step {
    this.#verifying = true;
    this.#missedPongs++;
    return { do: "confirm" };
  }

  #answered(now: number): void {
    this.#ping = null;
    this.#verifying = false;
    this.#lastPong = now;
    this.#unansweredBytes = 0;
  }

  #slowMs(): number {
    return Math.min(SLOW_MS_MAX, this.#unansweredBytes / SLOW_BYTES_PER_MS);
  }
}
