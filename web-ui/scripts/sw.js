// Parlor's service worker: the page works without a network. Built files are kept under their hashed names. The worker
// asks the network for the page first. Data never passes through here: it lies in IndexedDB.
const VERSION = "__VERSION__";
/** The path below which the server is; empty for the root of its host. */
const BASE = new URL("./", self.location).pathname.slice(0, -1);
const FILES = __FILES__.map((path) => BASE + path);
const SHELL = `${BASE}/`;
const PAGE_WAITS_MS = 3_000;
/** The time that the browser's cache has to answer. After that the worker asks the network. */
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
    if (url.pathname === SHELL || url.pathname.startsWith(`${BASE}/r/`)) event.respondWith(page(request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(file(request, url.pathname));
  }
});

/**
 * The file in the cache; undefined if the cache has no such file or fails. A broken cache may never answer: never wait
 * for it alone.
 */
const cached = (path) =>
  Promise.resolve()
    .then(() => caches.match(path))
    .catch(() => undefined);

const after = (millis, value) => new Promise((resolve) => setTimeout(resolve, millis, value));

/** A built file from the cache, or from the network if the cache has no copy or does not answer. */
async function file(request, path) {
  const fromCache = cached(path);
  const kept = await Promise.race([fromCache, after(CACHE_WAITS_MS)]);
  return kept ?? fetch(request).catch(async (problem) => orThrow(await fromCache, problem));
}

/** The page from the network; from the cache if the network fails or is slow. Every room has the same page. */
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
