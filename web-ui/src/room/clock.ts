/**
 * The server's time. Times in the document are compared between people and by the server, which refuses a request that
 * is minutes old. A wrong clock must not lock a person out.
 */

/** A smaller difference comes from the network and the whole seconds of the header, not from the clock. */
const TRUSTED_MS = 30_000;

let offset = 0;

/**
 * Learns from the `Date` header of an answer that has just come. A slow answer is ignored: the computer may have slept
 * between the request and now.
 *
 * @param asked when the request was sent, by this computer's clock
 */
export function hearServerTime(header: string | null, now: number = Date.now(), asked: number = now): void {
  if (Math.abs(now - asked) >= TRUSTED_MS) return;
  const server = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(server)) return;
  offset = Math.abs(server - now) < TRUSTED_MS ? 0 : server - now;
}

/** Milliseconds since 1970, corrected if this computer's clock is clearly wrong. */
export function serverTime(now: number = Date.now()): number {
  return now + offset;
}
