/*
 * Caches of views. Automerge keeps the JavaScript object of every part that a change did not touch, so a view is cached
 * by that object.
 */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Caches `make(raw)` by the raw object. A value that is not an object is treated as an empty object. */
export function cached<T>(make: (raw: Record<string, unknown>) => T): (raw: unknown) => T {
  const cache = new WeakMap<object, T>();
  const empty: Record<string, unknown> = {};
  return (raw) => {
    const key = isObject(raw) ? raw : empty;
    const hit = cache.get(key);
    if (hit !== undefined) return hit;
    const value = make(key);
    cache.set(key, value);
    return value;
  };
}

/** Makes a function that turns a map of records into a list of views, each cached by its raw record. */
export function cachedEntries<T>(
  make: (id: string, raw: Record<string, unknown>) => T,
): (raw: unknown) => T[] {
  const cache = new WeakMap<object, T>();
  return (raw) => {
    if (!isObject(raw)) return [];
    const views: T[] = [];
    for (const [id, item] of Object.entries(raw)) {
      if (!isObject(item)) continue;
      let view = cache.get(item);
      if (view === undefined) {
        view = make(id, item);
        cache.set(item, view);
      }
      views.push(view);
    }
    return views;
  };
}
