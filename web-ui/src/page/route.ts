import { withBase, withoutBase } from "./base";

/**
 * What the page shows: the front page, or a room. The room's key is in the fragment of the address, so that bookmarks
 * contain it and no HTTP request does.
 */
export type Route =
  | { readonly kind: "front" }
  | { readonly kind: "room"; readonly slug: string; readonly key: string | null };

export function routeOf(pathname: string, fragment: string): Route {
  const slug = /^\/r\/([A-Za-z0-9_-]{1,64})\/?$/.exec(pathname)?.[1];
  if (slug === undefined) return { kind: "front" };
  const key = new URLSearchParams(fragment.replace(/^#/, "")).get("k");
  return { kind: "room", slug, key: key !== null && /^[A-Za-z0-9_-]{1,200}$/.test(key) ? key : null };
}

export const currentRoute = (): Route => routeOf(withoutBase(window.location.pathname), window.location.hash);

/** The address in which this page has replaced the room's key, and the route key from before. */
let replaced: { readonly address: string; readonly routeKey: string } | null = null;
/** Counts how often the page has left an address with a replaced key. A later visit then has another route key. */
let visits = 0;

const address = (): string => window.location.pathname + window.location.hash;

/** A string that identifies the shown route. It stays the same if only the room's key in the address is replaced. */
export function routeKey(): string {
  const current = address();
  if (replaced === null) return `${visits} ${current}`;
  if (current === replaced.address) return replaced.routeKey;
  replaced = null;
  visits++;
  return `${visits} ${current}`;
}

/**
 * Replaces the room's key in the address bar, without a history entry and without reopening the room. The query, such
 * as `?debug`, stays.
 */
export function replaceKey(slug: string, key: string): void {
  const answer = answerOf(window.location.hash);
  const path = roomPath(slug, key, window.location.search);
  replaceAddress(answer === null ? path : linkToAnswer(path, answer));
}

function replaceAddress(path: string): void {
  const keyOfRoute = routeKey();
  window.history.replaceState(null, "", path);
  replaced = { address: address(), routeKey: keyOfRoute };
}

/** The request of the answer that a fragment names, or null. */
export function answerOf(fragment: string): string | null {
  const answer = new URLSearchParams(fragment.replace(/^#/, "")).get("a");
  return answer !== null && /^[A-Za-z0-9_-]{1,200}$/.test(answer) ? answer : null;
}

/** The path of a room with an answer, to which the page scrolls. */
export const linkToAnswer = (path: string, request: string): string =>
  `${path}&a=${encodeURIComponent(request)}`;

/** The request of the answer that the address names, once. Then the address names the room only. */
export function takeAnswer(): string | null {
  const answer = answerOf(window.location.hash);
  const route = currentRoute();
  if (answer === null || route.kind !== "room") return null;
  replaceAddress(roomPath(route.slug, route.key ?? "", window.location.search));
  return answer;
}

const NAVIGATED = "parlor-moved";

export function onRouteChange(listener: () => void): () => void {
  for (const event of ["popstate", "hashchange", NAVIGATED]) window.addEventListener(event, listener);
  return () => {
    for (const event of ["popstate", "hashchange", NAVIGATED]) window.removeEventListener(event, listener);
  };
}

/** Navigates to a path, with the base path, of this page without a reload. */
export function go(path: string): void {
  window.history.pushState(null, "", path);
  window.dispatchEvent(new Event(NAVIGATED));
}

/** The path of a room with its key, for links within this page. */
export const roomPath = (slug: string, key: string, query = ""): string =>
  withBase(`/r/${slug}${query}#k=${key}`);
