const DEPTH_MAX = 4;
const ENTRIES_MAX = 50;

/** The text of the arguments of one console call. It never throws, and cyclic objects end it. */
export function consoleText(values: readonly unknown[], unitsMax: number): string {
  return values
    .map((value) => (typeof value === "string" ? value : textOf(value, DEPTH_MAX, new Set())))
    .join(" ")
    .slice(0, unitsMax);
}

function textOf(value: unknown, depth: number, above: Set<object>): string {
  try {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "function") return `ƒ ${value.name || "anonymous"}`;
    if (typeof value !== "object" || value === null) return String(value);
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (above.has(value)) return "[cycle]";
    if (typeof Element !== "undefined" && value instanceof Element) return `<${value.tagName.toLowerCase()}>`;
    if (depth === 0) return Array.isArray(value) ? "[…]" : "{…}";
    const inside = new Set(above).add(value);
    if (Array.isArray(value)) {
      const items = value.slice(0, ENTRIES_MAX).map((item) => textOf(item, depth - 1, inside));
      return `[${items.join(", ")}${value.length > ENTRIES_MAX ? ", …" : ""}]`;
    }
    const entries = Object.entries(value);
    const shown = entries
      .slice(0, ENTRIES_MAX)
      .map(([key, item]) => `${key}: ${textOf(item, depth - 1, inside)}`);
    return `{${shown.join(", ")}${entries.length > ENTRIES_MAX ? ", …" : ""}}`;
  } catch {
    return "[unreadable]";
  }
}
