/**
 * Shuffles by a seed. The same seed gives the same order on every machine and in every release, so a card can be
 * computed from the seed and the number of cards drawn. The generator, Mulberry32, is predictable: do not use it for
 * secrets.
 */
export function shuffled<T>(items: readonly T[], seed: string): T[] {
  const random = mulberry32(hash32(seed));
  const out = [...items];
  for (let lastIndex = out.length - 1; lastIndex > 0; lastIndex--) {
    const otherIndex = Math.floor(random() * (lastIndex + 1));
    const swapped = out[lastIndex] as T;
    out[lastIndex] = out[otherIndex] as T;
    out[otherIndex] = swapped;
  }
  return out;
}

/** FNV-1a over UTF-16 units with a final mix, so that similar seeds give different orders. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A generator of pseudo-random numbers in [0, 1) from a 32-bit seed. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
