/** After the thing with the focus went away, gives the focus to what took its place. */
export function returnFocus(selector: string): void {
  requestAnimationFrame(() => {
    requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
  });
}
