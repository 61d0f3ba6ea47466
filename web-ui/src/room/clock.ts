/**
 * Estimates the server's time. Times in the document are compared between people and by the server, which refuses a
 * request that is minutes old. The estimate keeps a person with a wrong clock from being refused.
 */

/** A smaller difference may come from network delay and from the header's whole seconds. It is ignored. */
const TOLERANCE_MS = 30_000;

let offsetMs = 0;

/**
 * Updates the estimate from the `Date` header of a response that has just arrived. A slow response is ignored: the
 * computer may have slept between the request and now.
 *
 * @param requestSentAt the time when the request was sent, by this computer's clock
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

/**
 * The server's estimated time, in milliseconds since 1970. It is the local time unless the local clock is clearly
 * wrong.
 */
export function serverTime(now: number = Date.now()): number {
  return now + offsetMs;
}
