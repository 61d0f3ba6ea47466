import { withBase } from "./base";
import { whenIdle } from "./idle";

/**
 * Registers the service worker, which stores all files of the page so that the page can be reloaded offline. It fetches
 * many files, so it starts only when the page is idle. Returns a function that cancels the start.
 */
export function storePageOffline(): () => void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return () => {};
  return whenIdle(() => {
    try {
      void navigator.serviceWorker.register(withBase("/sw.js")).catch(() => undefined);
    } catch {
      // Some browsers have service workers but forbid them.
    }
  });
}
