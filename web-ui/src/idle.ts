/** A page that never rests is not waited for longer. */
const IDLE_MS_MAX = 3_000;

/** Calls once the page has nothing to do. Returns the way to take it back. */
export function whenIdle(call: () => void): () => void {
  // Safari has no such callback.
  if (typeof window.requestIdleCallback !== "function") {
    const timer = setTimeout(call, IDLE_MS_MAX / 2);
    return () => clearTimeout(timer);
  }
  const request = window.requestIdleCallback(() => call(), { timeout: IDLE_MS_MAX });
  return () => window.cancelIdleCallback(request);
}
