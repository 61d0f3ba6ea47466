import { generateJitteredKeyBetween } from "fractional-indexing-jittered";

/**
 * Creates an order key between the keys of two neighbours; null means the start or the end of the list. Keys of
 * concurrent inserts differ by their jitter. If the neighbours' keys are equal or invalid, no key fits between them.
 * Then the new key sorts after the lower one.
 */
export function keyBetween(lower: string | null, upper: string | null): string {
  try {
    if (lower !== null && upper !== null && lower >= upper) return generateJitteredKeyBetween(lower, null);
    return generateJitteredKeyBetween(lower, upper);
  } catch {
    return lower === null ? generateJitteredKeyBetween(null, null) : `${lower}V`;
  }
}

/** Creates an order key that sorts after all `keys`. */
export function keyAfterAll(keys: Iterable<string>): string {
  let last: string | null = null;
  for (const key of keys) if (key !== "" && (last === null || key > last)) last = key;
  return keyBetween(last, null);
}
