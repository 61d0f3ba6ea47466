import { whenIdle } from "./idle";

/**
 * Keeps the page for a reload without a network, by a service worker that fetches all of its files; so only when what
 * somebody came for is there. Without it everything works but such a reload.
 */
export function keepPage(): () => void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return () => {};
  return whenIdle(() => {
    try {
      void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    } catch {
      // Some browsers have it and forbid it.
    }
  });
}
