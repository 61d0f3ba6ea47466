import { generateNJitteredKeysBetween } from "fractional-indexing-jittered";

export type Ordered = { readonly id: string; readonly order: string };
export type OrderEdit = { readonly id: string; readonly order: string };

/**
 * Compares by order key, and equal keys by id, so that every peer shows the same order. Keys are compared by code unit,
 * as the key generator expects.
 */
export const byOrder = (a: Ordered, b: Ordered): number => compare(a.order, b.order) || compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The edits that move an item to `toIndex` in a list sorted by {@link byOrder}: usually one edit. Two people who insert
 * at the same place while disconnected may create equal keys. No key fits between equal keys, so the items with the
 * same key after the new place also get new keys. If the generator rejects a key of another program, all items get new
 * keys.
 */
export function planMove(sorted: readonly Ordered[], id: string, toIndex: number): OrderEdit[] {
  const from = sorted.findIndex((item) => item.id === id);
  if (from < 0) {
    return [];
  }
  const others = sorted.filter((item) => item.id !== id);
  const to = Math.max(0, Math.min(toIndex, others.length));
  if (to === from) {
    return [];
  }
  const lower = others[to - 1]?.order ?? null;
  let nextIndex = to;
  while (lower !== null && nextIndex < others.length && (others[nextIndex] as Ordered).order <= lower) {
    nextIndex++;
  }
  const upper = others[nextIndex]?.order ?? null;
  const moved = [id, ...others.slice(to, nextIndex).map((item) => item.id)];
  try {
    const keys = generateNJitteredKeysBetween(lower, upper, moved.length);
    return moved.map((movedId, at) => ({ id: movedId, order: keys[at] as string }));
  } catch {
    const ids = others.map((item) => item.id);
    ids.splice(to, 0, id);
    const keys = generateNJitteredKeysBetween(null, null, ids.length);
    return ids.map((each, at) => ({ id: each, order: keys[at] as string }));
  }
}
