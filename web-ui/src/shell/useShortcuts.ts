import { useEffect } from "react";
import { useRoom } from "../room";
import { showHelp } from "./help";

/** Whether an event's target is a text field or another editable element. */
export function inTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** The visible regions that F6 cycles through, in reading order. */
function regions(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(
    (region) => region.offsetParent !== null || region.offsetHeight > 0,
  );
}

/** Moves the focus to the next region, or with `back` to the previous one. */
function cycle(back: boolean): void {
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

/** Handles the room's keyboard shortcuts. They work outside of text fields and dialogs; F6 works everywhere. */
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
