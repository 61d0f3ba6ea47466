/** The visible regions that F6 cycles through, in reading order. */
function regions(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null || region.offsetHeight > 0,
  );
}

/** Moves the focus to the next region, or with `back` to the previous one. */
export function cycleRegions(back: boolean): void {
  const all = regions();
  // A region may be inside of another, as the composer is in Output. The inner one stands behind the outer one.
  const currentIndex = all.findLastIndex((region) => region.contains(document.activeElement));
  const next =
    currentIndex < 0
      ? back
        ? all.length - 1
        : 0
      : (currentIndex + (back ? -1 : 1) + all.length) % all.length;
  all[next]?.focus();
}
