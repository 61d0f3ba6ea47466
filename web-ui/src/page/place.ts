/**
 * What the page shows: the front page, or a room. The room's key is in the fragment of the address, so that bookmarks
 * contain it and no HTTP request does.
 */
export type Place =
  | { readonly kind: "front" }
  | { readonly kind: "room"; readonly slug: string; readonly key: string | null };

export function placeOf(pathname: string, fragment: string): Place {
  const slug = /^\/r\/([A-Za-z0-9_-]{1,64})\/?$/.exec(pathname)?.[1];
  if (slug === undefined) return { kind: "front" };
  const key = new URLSearchParams(fragment.replace(/^#/, "")).get("k");
  return { kind: "room", slug, key: key !== null && /^[A-Za-z0-9_-]{1,200}$/.test(key) ? key : null };
}

export const currentPlace = (): Place => placeOf(window.location.pathname, window.location.hash);

/** The address whose key this page has replaced, and the place key that the page had before. */
let replaced: { readonly address: string; readonly place: string } | null = null;
/** Increases when the page leaves an address with a replaced key, so that the same address then has a new place key. */
let moves = 0;

const address = (): string => window.location.pathname + window.location.hash;

/** A string that identifies the shown place. It stays the same if only the room's key in the address is replaced. */
export function placeKey(): string {
  const current = address();
  if (replaced === null) return `${moves} ${current}`;
  if (current === replaced.address) return replaced.place;
  replaced = null;
  moves++;
  return `${moves} ${current}`;
}

/**
 * Replaces the room's key in the address bar, without a history entry and without reopening the room. The query, such
 * as `?debug`, stays.
 */
export function replaceKey(slug: string, key: string): void {
  const place = placeKey();
  window.history.replaceState(null, "", roomPath(slug, key, window.location.search));
  replaced = { address: address(), place };
}

const MOVED = "parlor-moved";

export function onPlaceChange(listener: () => void): () => void {
  for (const event of ["popstate", "hashchange", MOVED]) window.addEventListener(event, listener);
  return () => {
    for (const event of ["popstate", "hashchange", MOVED]) window.removeEventListener(event, listener);
  };
}

/** Navigates to a path of this page without a reload. */
export function go(path: string): void {
  window.history.pushState(null, "", path);
  window.dispatchEvent(new Event(MOVED));
}

/** The path of a room with its key, for links within this page. */
export const roomPath = (slug: string, key: string, query = ""): string => `/r/${slug}${query}#k=${key}`;
