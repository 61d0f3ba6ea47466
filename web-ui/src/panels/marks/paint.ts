/*
 * Marks in texts by the CSS Custom Highlight API: the page's elements stay as they are. A browser without it shows no
 * marks, and everything else works.
 */

/** `comment`: text with a comment. `found`: the place that a search or a comment leads to. `chosen`: the selection. */
export type Mark = "comment" | "found" | "chosen";

/** Marks ranges of the page. Returns a function that removes these marks. */
export function paint(mark: Mark, ranges: readonly Range[]): () => void {
  if (!("highlights" in CSS) || ranges.length === 0) return () => undefined;
  const name = `parlor-${mark}`;
  const known = CSS.highlights.get(name);
  const highlight = known ?? new Highlight();
  if (known === undefined) CSS.highlights.set(name, highlight);
  for (const range of ranges) highlight.add(range);
  return () => {
    for (const range of ranges) highlight.delete(range);
  };
}

/**
 * Calls `draw` now, and in the next frame after each change of the elements in `root`. Returns a function that ends this.
 */
export function drawOnChange(root: Element, draw: () => void, letters = false): () => void {
  let frame: number | null = null;
  const observer = new MutationObserver(() => {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      draw();
    });
  });
  observer.observe(root, { childList: true, subtree: true, characterData: letters });
  draw();
  return () => {
    observer.disconnect();
    if (frame !== null) cancelAnimationFrame(frame);
  };
}
