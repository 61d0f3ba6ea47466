import { generateJitteredKeyBetween, generateNJitteredKeysBetween } from "fractional-indexing-jittered";

export type Ordered = { readonly id: string; readonly order: string };
export type OrderEdit = { readonly id: string; readonly order: string };

/**
 * By order key, ties by id: the same on every replica. Keys are compared by code unit, as the key generator expects.
 */
export const byOrder = (a: Ordered, b: Ordered): number => compare(a.order, b.order) || compare(a.id, b.id);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The edits that move an item to another place of a list sorted by {@link byOrder}. Usually one edit. Two people who
 * inserted at one place while disconnected may have made equal keys. No key fits between equal keys, so the items after
 * the gap with the same key move up a little too. If the generator rejects a key (written by another program), the
 * whole list gets new keys. No item is lost in any case.
 */
export function planMove(sorted: readonly Ordered[], id: string, toIndex: number): OrderEdit[] {
  const from = sorted.findIndex((item) => item.id === id);
  if (from < 0) {
    return [];
  }
  const rest = sorted.filter((item) => item.id !== id);
  const to = Math.max(0, Math.min(toIndex, rest.length));
  if (to === from) {
    return [];
  }
  const lower = rest[to - 1]?.order ?? null;
  let after = to;
  while (lower !== null && after < rest.length && (rest[after] as Ordered).order <= lower) {
    after++;
  }
  const upper = rest[after]?.order ?? null;
  const moved = [id, ...rest.slice(to, after).map((item) => item.id)];
  try {
    const keys = generateNJitteredKeysBetween(lower, upper, moved.length);
    return moved.map((movedId, at) => ({ id: movedId, order: keys[at] as string }));
  } catch {
    const ids = rest.map((item) => item.id);
    ids.splice(to, 0, id);
    const keys = generateNJitteredKeysBetween(null, null, ids.length);
    return ids.map((each, at) => ({ id: each, order: keys[at] as string }));
  }
}

/** A key after the last item. If the generator rejects the last key, the new key follows it in plain text order. */
export function orderAtEnd(sorted: readonly Ordered[]): string {
  const last = sorted.at(-1)?.order ?? null;
  try {
    return generateJitteredKeyBetween(last, null);
  } catch {
    return `${last}V`;
  }
}
