// Parlor's service worker: the page itself works without a network. Built files are kept under their hashed names;
// the page is asked for from the network first. Data never goes through here: it lies in IndexedDB.
const VERSION = "__VERSION__";
const FILES = __FILES__;
const SHELL = "/";
const PAGE_WAITS_MS = 3_000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(VERSION)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === "/" || url.pathname.startsWith("/r/")) event.respondWith(page(request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)));
  }
});

/** The page from the network; from the cache when that fails or takes long. Every room has the same page. */
async function page(request) {
  const kept = await caches.match(SHELL);
  const fresh = fetch(request).then((response) => (response.ok || kept === undefined ? response : kept));
  if (kept === undefined) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PAGE_WAITS_MS, kept));
  return Promise.race([fresh.catch(() => kept), late]);
}
