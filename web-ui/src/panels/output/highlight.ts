import type { ElementContent, RootContent } from "hast";
import type { createLowlight } from "lowlight";

/** A piece of highlighted code: plain text, or pieces with a CSS class. */
export type Colored = string | { readonly className: string; readonly children: readonly Colored[] };

type Highlighter = Pick<ReturnType<typeof createLowlight>, "highlight" | "registered">;

/** Above this size in UTF-16 units, code that still grows is not highlighted. */
const OPEN_UNITS_MAX = 12_000;
/** Above this size in UTF-16 units, no code is highlighted. */
const UNITS_MAX = 200_000;

let highlighter: Highlighter | null = null;
let loading = false;
const waiting = new Set<() => void>();

/** Loads the highlighter, and calls `ready` when it has loaded. Returns a function that cancels the call. */
export function onHighlighter(ready: () => void): () => void {
  if (highlighter !== null) return () => {};
  waiting.add(ready);
  if (!loading) {
    loading = true;
    import("lowlight").then(
      ({ common, createLowlight: create }) => {
        highlighter = create(common);
        for (const ready of waiting) ready();
        waiting.clear();
      },
      () => {
        loading = false; // Code stays plain; the next block tries again.
      },
    );
  }
  return () => waiting.delete(ready);
}

/** The code as highlighted pieces, or null if it is shown plain. The texts of the pieces join to exactly the code. */
export function colorize(code: string, language: string, open: boolean): readonly Colored[] | null {
  const name = language.toLowerCase();
  if (highlighter === null || !highlighter.registered(name)) return null;
  if (code.length > (open ? OPEN_UNITS_MAX : UNITS_MAX)) return null;
  return highlighter.highlight(name, code).children.flatMap(pieces);
}

function pieces(node: RootContent | ElementContent): Colored[] {
  if (node.type === "text") return [node.value];
  if (node.type !== "element") return [];
  const names = node.properties.className;
  const className = Array.isArray(names) ? names.join(" ") : "";
  return [{ className, children: node.children.flatMap(pieces) }];
}
