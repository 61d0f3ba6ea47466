import { useEffect } from "react";
import { isApple, matchesKey } from "../command/keys";
import { commandsIn, type PageCommand, runCommand } from "../command/registry";
import { useRoom } from "../room";

/** Whether an event's target is a text field or another editable element. */
export function inTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** Further keys of commands, which the list of keys does not show. */
const OTHER_KEYS: ReadonlyMap<string, string> = new Map([["redo", "Mod+Y"]]);

function hasKey(command: PageCommand, event: KeyboardEvent): boolean {
  return [command.keys, OTHER_KEYS.get(command.id)].some(
    (keys) => keys !== undefined && matchesKey(keys, event, isApple()),
  );
}

/** Handles the keys of all commands. Most work outside of text fields only, and none while a dialog is open. */
export function useShortcuts(): void {
  const room = useRoom();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const command = commandsIn(room)
        .all()
        .find((each) => hasKey(each, event));
      if (command === undefined) return;
      const isRegion = command.id.startsWith("region_");
      if (!isRegion && document.querySelector('[role="dialog"]') !== null) return;
      if (command.inFields !== true && inTextField(event.target)) return;
      event.preventDefault();
      const reason = runCommand(command);
      // Undo and redo say themselves that there is nothing to undo.
      if (reason !== null) room.notify(reason);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [room]);
}
