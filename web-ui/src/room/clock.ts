/**
 * The server's time. Times in the document are compared between people and by the server, which refuses a request that
 * is minutes old. A wrong clock must not lock a person out.
 */

/** A smaller difference comes from the network and the whole seconds of the header, not from the clock. */
const TOLERANCE_MS = 30_000;

let offsetMs = 0;

/**
 * Learns from the `Date` header of an answer that has just come. A slow answer is ignored: the computer may have slept
 * between the request and now.
 *
 * @param requestSentAt when the request was sent, by this computer's clock
 */
export function updateServerTime(
  dateHeader: string | null,
  now: number = Date.now(),
  requestSentAt: number = now,
): void {
  if (Math.abs(now - requestSentAt) >= TOLERANCE_MS) return;
  const server = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
  if (Number.isNaN(server)) return;
  offsetMs = Math.abs(server - now) < TOLERANCE_MS ? 0 : server - now;
}

/** Milliseconds since 1970, corrected if this computer's clock is clearly wrong. */
export function serverTime(now: number = Date.now()): number {
  return now + offsetMs;
}
