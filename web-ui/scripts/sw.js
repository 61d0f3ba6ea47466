// Parlor's service worker: the page itself works without a network. Built files are kept under their hashed names;
// the page is asked for from the network first. Data never goes through here: it lies in IndexedDB.
const VERSION = "__VERSION__";
const FILES = __FILES__;
const SHELL = "/";
const PAGE_WAITS_MS = 3_000;
/** That the browser's cache has to answer; then the network is asked. */
const CACHE_WAITS_MS = 1_000;

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
    event.respondWith(file(request, url.pathname));
  }
});

/** What the cache has; undefined when it has nothing or fails. A broken cache may never answer: never wait for it alone. */
const cached = (path) =>
  Promise.resolve()
    .then(() => caches.match(path))
    .catch(() => undefined);

const after = (millis, value) => new Promise((resolve) => setTimeout(resolve, millis, value));

/** A built file from the cache, or from the network when the cache has nothing or does not answer. */
async function file(request, path) {
  const fromCache = cached(path);
  const kept = await Promise.race([fromCache, after(CACHE_WAITS_MS)]);
  return kept ?? fetch(request).catch(async (problem) => orThrow(await fromCache, problem));
}

/** The page from the network; from the cache when that fails or takes long. Every room has the same page. */
async function page(request) {
  const fromCache = cached(SHELL);
  const kept = await Promise.race([fromCache, after(CACHE_WAITS_MS)]);
  const fresh = fetch(request).then((response) => (response.ok || kept === undefined ? response : kept));
  if (kept === undefined) return fresh.catch(async (problem) => orThrow(await fromCache, problem));
  return Promise.race([fresh.catch(() => kept), after(PAGE_WAITS_MS, kept)]);
}

function orThrow(kept, problem) {
  if (kept === undefined) throw problem;
  return kept;
}
