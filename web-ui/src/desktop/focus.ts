/** Moves the focus to an element that appears two frames later, such as a window that is being opened. */
export function returnFocus(selector: string): void {
  requestAnimationFrame(() => {
    requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
  });
}
