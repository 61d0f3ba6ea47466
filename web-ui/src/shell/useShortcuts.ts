import { useEffect } from "react";
import { useRoom } from "../room";
import { showHelp } from "./help";

/** Whether a text field has the keyboard now. */
export function inTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** The regions that F6 cycles through, in reading order. */
function regions(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null || region.offsetHeight > 0,
  );
}

function cycle(back: boolean): void {
  const all = regions();
  const now = all.findIndex((region) => region.contains(document.activeElement));
  const next = now < 0 ? (back ? all.length - 1 : 0) : (now + (back ? -1 : 1) + all.length) % all.length;
  all[next]?.focus();
}

/** Keyboard shortcuts that work everywhere outside of text fields; F6 works in text fields, too. */
export function useShortcuts(): void {
  const room = useRoom();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "F6") {
        event.preventDefault();
        cycle(event.shiftKey);
        return;
      }
      if (inTextField(event.target) || document.querySelector('[role="dialog"]') !== null) return;
      const ctrlOrCmd = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (ctrlOrCmd && key === "z") {
        event.preventDefault();
        if (event.shiftKey) room.redo();
        else room.undo();
      } else if (ctrlOrCmd && key === "y") {
        event.preventDefault();
        room.redo();
      } else if (event.key === "?" && !ctrlOrCmd) {
        event.preventDefault();
        showHelp.set(true);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [room]);
}
