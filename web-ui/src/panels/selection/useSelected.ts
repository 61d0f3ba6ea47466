import { useEffect, useRef, useState } from "react";
import { readSelection, type Selected } from "./selected";

/** Elements that act on the selection and do not end it. */
const TOOLS = "[data-selection-tools]";

/**
 * The text that this person has selected, and a function that forgets it. The text stays selected when the page draws it
 * again, for example at the end of an answer: only the person ends the selection.
 */
export function useSelected(): readonly [Selected | null, () => void, boolean] {
  const [selected, setSelected] = useState<Selected | null>(null);
  const [byKeyboard, setByKeyboard] = useState(false);
  const pressed = useRef(false);
  const acted = useRef(false);
  useEffect(() => {
    const inTools = (target: EventTarget | null): boolean =>
      target instanceof Element && target.closest(TOOLS) !== null;
    const read = (isKey: boolean): void => {
      if (pressed.current) return;
      const next = readSelection();
      if (next !== null) {
        acted.current = false;
        setByKeyboard(isKey);
        setSelected((old) => (old !== null && isSame(old, next) ? old : next));
      } else if (acted.current) setSelected(null);
    };
    let lastWasKey = false;
    const onDown = (event: PointerEvent): void => {
      if (inTools(event.target)) return;
      pressed.current = event.pointerType === "mouse";
      acted.current = true;
      lastWasKey = false;
    };
    const onUp = (): void => {
      if (!pressed.current) return;
      pressed.current = false;
      // The browser clears a selection that was pressed on after this event.
      setTimeout(() => read(false), 0);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (inTools(event.target)) return;
      if (event.altKey) {
        // The tools act on what is selected now. The browser tells the last changes of the selection only later.
        if (event.key === "Enter") read(true);
        return;
      }
      acted.current = true;
      lastWasKey = true;
    };
    let reading: ReturnType<typeof setTimeout> | undefined;
    const onChange = (): void => {
      // An editor that listens after this page takes the new selection into its state first.
      clearTimeout(reading);
      reading = setTimeout(() => {
        if (!inTools(document.activeElement)) read(lastWasKey);
      }, 0);
    };
    document.addEventListener("pointerdown", onDown, true);
    document.addEventListener("pointerup", onUp, true);
    document.addEventListener("pointercancel", onUp, true);
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("selectionchange", onChange);
    return () => {
      clearTimeout(reading);
      document.removeEventListener("pointerdown", onDown, true);
      document.removeEventListener("pointerup", onUp, true);
      document.removeEventListener("pointercancel", onUp, true);
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("selectionchange", onChange);
    };
  }, []);
  const [forget] = useState(() => () => setSelected(null));
  return [selected, forget, byKeyboard];
}

const isSame = (a: Selected, b: Selected): boolean =>
  a.root === b.root && a.from === b.from && a.to === b.to && a.text === b.text;
