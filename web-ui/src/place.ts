/** Where the page is. The key stays in the fragment: it survives reload and bookmark, and no server ever sees it. */
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

export const placeKey = (): string => window.location.pathname + window.location.hash;

const MOVED = "parlor-moved";

export function onPlaceChange(listener: () => void): () => void {
  for (const event of ["popstate", "hashchange", MOVED]) window.addEventListener(event, listener);
  return () => {
    for (const event of ["popstate", "hashchange", MOVED]) window.removeEventListener(event, listener);
  };
}

/** Goes to a path of this page without loading it anew. */
export function go(path: string): void {
  window.history.pushState(null, "", path);
  window.dispatchEvent(new Event(MOVED));
}

/** The path of a room with its key, for links within this page. */
export const roomPath = (slug: string, key: string): string => `/r/${slug}#k=${key}`;
