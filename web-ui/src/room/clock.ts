/**
 * The time as the server sees it. Times in the document are compared between people and by the server, which refuses a
 * request that is minutes old; a computer whose clock is wrong must not lock its owner out.
 */

/** A difference below this is the network and the whole seconds of the header, not the clock. */
const TRUSTED_MS = 30_000;

let offset = 0;

/**
 * Learns from the `Date` header of an answer that came just now. An answer that was long on its way says nothing: the
 * computer may have slept between the question and now.
 *
 * @param asked when the request went out, by this computer's clock
 */
export function hearServerTime(header: string | null, now: number = Date.now(), asked: number = now): void {
  if (Math.abs(now - asked) >= TRUSTED_MS) return;
  const server = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(server)) return;
  offset = Math.abs(server - now) < TRUSTED_MS ? 0 : server - now;
}

/** Milliseconds since 1970, corrected when this computer's clock is plainly wrong. */
export function serverTime(now: number = Date.now()): number {
  return now + offset;
}
