/** After the focused element disappears, moves the focus to the element in its place. */
export function returnFocus(selector: string): void {
  requestAnimationFrame(() => {
    requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
  });
}
