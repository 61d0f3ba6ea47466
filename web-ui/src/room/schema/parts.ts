/**
 * The optional parts of a room. A host can switch off each for all people, by the field of `settings` with its name.
 */
export const PARTS = ["cursors", "carets", "typing", "patterns"] as const;
export type Part = (typeof PARTS)[number];

/** Whether each part is on in the room. A missing setting means on; any value other than true means off. */
export function readParts(settings: Readonly<Record<string, unknown>>): Readonly<Record<Part, boolean>> {
  const on = (part: Part): boolean => (settings[part] ?? true) === true;
  return { cursors: on("cursors"), carets: on("carets"), typing: on("typing"), patterns: on("patterns") };
}
