/** A ping is sent when the last pong is older than this. */
const PING_EVERY_MS = 7_500;
/** The same interval while the page is hidden. */
const PING_HIDDEN_MS = 60_000;
/** The time limit for a pong. Then the page verifies the network for a moment and abandons the connection. */
const PONG_MS = 3_500;
/** The time limit for a pong after the page was shown again or the network changed. */
const PONG_AFTER_WAKE_MS = 2_500;
/** A connection whose pong is missing for this time is suspected: the page no longer shows "Saved". */
const SUSPECT_MS = 1_000;
/** The time limit for the server's first message of the document. It is long, since the document may have many MB. */
const FIRST_MESSAGE_MS = 15_000;
const FIRST_MESSAGE_MS_MAX = 60_000;
/**
 * The assumed speed of a slow line. A ping waits behind the bytes that were sent before it, so its limit is extended.
 */
const SLOW_BYTES_PER_MS = 32;
const SLOW_MS_MAX = 60_000;
/** Ticks come every second. A longer gap between two ticks means that the computer slept or the page was frozen. */
const TICK_GAP_MS = 3_000;
/** Ping counts are below this number, so that each is encoded as one byte. */
const PING_COUNTS = 24;

/**
 * The next action of the caller. `ping`: send a ping with this count. `verify`: give the server a last moment to answer,
 * and then abandon the connection.
 */
export type Step = { readonly do: "nothing" | "verify" } | { readonly do: "ping"; readonly count: number };

const NOTHING: Step = { do: "nothing" };

/**
 * Decides whether one open connection still works. A script cannot see the server's WebSocket pings, and it gets no
 * error from a dead connection. So the page sends ping messages and expects a pong for each [LV1].
 *
 * A pure state machine: times come as arguments, in milliseconds since 1970, and may jump.
 */
export class Liveness {
  #lastPong: number;
  #lastTick: number;
  #count = 0;
  /** The last ping, until its pong arrives. */
  #ping: { readonly count: number; readonly at: number; readonly limitMs: number } | null = null;
  #verifying = false;
  #missedPongs = 0;
  #unansweredBytes = 0;
  /** The time when the first message of the document was sent, until the server's first message arrives. */
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

  /** Whether the time limit for the server's answer has passed without an answer so far. */
  get presumedDead(): boolean {
    return this.#verifying;
  }

  /** The number of pongs that were missed so far, so that a caller can detect a further one. */
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

  /** A pong arrived. Returns whether it is the expected pong. */
  pong(count: unknown, now: number): boolean {
    if (this.#ping === null || count !== this.#ping.count) return false;
    this.#answered(now);
    return true;
  }

  /** Must be called every second. Returns the caller's next action. */
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

  /** The page was shown again or the network changed: the caller must send a ping at once, with a short limit. */
  wake(now: number): Step {
    if (this.#verifying || this.#firstSentAt !== null) return NOTHING;
    if (this.#ping?.limitMs === PONG_AFTER_WAKE_MS) return NOTHING;
    return this.#send(now, PONG_AFTER_WAKE_MS);
  }

  /** Whether a pong is missing for so long that the connection may be dead. */
  suspected(now: number): boolean {
    return this.#verifying || (this.#ping !== null && now - this.#ping.at >= SUSPECT_MS);
  }

  /** After a gap between ticks, earlier deadlines are invalid. */
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
    return { do: "verify" };
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
