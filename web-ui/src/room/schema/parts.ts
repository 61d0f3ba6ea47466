/** Optional parts of a room. A host switches each off for all people: a field of `settings`. */
export const PARTS = ["cursors", "carets", "typing", "patterns"] as const;
export type Part = (typeof PARTS)[number];

/** The parts that a room has on. Absent means on; any value other than true means off. */
export function readParts(settings: Readonly<Record<string, unknown>>): Readonly<Record<Part, boolean>> {
  const on = (part: Part): boolean => (settings[part] ?? true) === true;
  return { cursors: on("cursors"), carets: on("carets"), typing: on("typing"), patterns: on("patterns") };
}
