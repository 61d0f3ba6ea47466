import { whenIdle } from "./idle";

/**
 * Stores the page for reloads without a network, by a service worker that fetches all files of the page. It therefore
 * starts only after the content of the page has loaded. If it fails, only such reloads fail.
 */
export function keepPage(): () => void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return () => {};
  return whenIdle(() => {
    try {
      void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    } catch {
      // Some browsers have service workers and forbid them.
    }
  });
}
