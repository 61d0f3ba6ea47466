/** Elements in which a person writes. */
const FIELDS = "input, textarea, select, [contenteditable]:not([contenteditable=false])";

/** Whether the focus is in a field. */
export function isInField(): boolean {
  return document.activeElement?.matches(FIELDS) ?? false;
}

/**
 * Moves the focus to an element that appears two frames later, such as a window that is being opened. The focus stays
 * if the person pressed a key or the pointer meanwhile, or if a field got the focus: the person may be writing.
 */
export function returnFocus(selector: string): void {
  let isActive = false;
  const onPress = (): void => {
    isActive = true;
  };
  const onFocus = (event: Event): void => {
    if (event.target instanceof Element && event.target.matches(FIELDS)) isActive = true;
  };
  const presses = ["keydown", "pointerdown"];
  for (const type of presses) document.addEventListener(type, onPress, { capture: true });
  document.addEventListener("focusin", onFocus, { capture: true });
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      for (const type of presses) document.removeEventListener(type, onPress, { capture: true });
      document.removeEventListener("focusin", onFocus, { capture: true });
      if (!isActive) document.querySelector<HTMLElement>(selector)?.focus();
    });
  });
}
