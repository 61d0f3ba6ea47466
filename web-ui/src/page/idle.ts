/** The maximum wait for an idle moment, since a page may never be idle. */
const IDLE_MS_MAX = 3_000;

/** Calls `call` once the page is idle. Returns a function that cancels the call. */
export function whenIdle(call: () => void): () => void {
  // Safari has no requestIdleCallback.
  if (typeof window.requestIdleCallback !== "function") {
    const timer = setTimeout(call, IDLE_MS_MAX / 2);
    return () => clearTimeout(timer);
  }
  const request = window.requestIdleCallback(() => call(), { timeout: IDLE_MS_MAX });
  return () => window.cancelIdleCallback(request);
}
