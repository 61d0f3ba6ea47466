import { generateJitteredKeyBetween } from "fractional-indexing-jittered";

/**
 * A new order key between two neighbours (null = the end). Keys of concurrent inserts differ by their jitter. No key
 * fits between neighbours with equal or unreadable keys. The new key then follows the lower one, and the id decides
 * ties.
 */
export function keyBetween(lower: string | null, upper: string | null): string {
  try {
    if (lower !== null && upper !== null && lower >= upper) return generateJitteredKeyBetween(lower, null);
    return generateJitteredKeyBetween(lower, upper);
  } catch {
    return lower === null ? generateJitteredKeyBetween(null, null) : `${lower}V`;
  }
}

/** The key after the greatest of `keys`. */
export function keyAfterAll(keys: Iterable<string>): string {
  let last: string | null = null;
  for (const key of keys) if (key !== "" && (last === null || key > last)) last = key;
  return keyBetween(last, null);
}
