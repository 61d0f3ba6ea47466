/*
 * Keys of commands, written as `Mod+Shift+Z`. `Mod` is Cmd on Apple devices and Ctrl on others. The last part is the
 * name of the key as in `KeyboardEvent.key`.
 */

/** The parts of a keyboard event that decide which command it runs. */
export type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

export const isApple = (): boolean => /mac|iphone|ipad/i.test(navigator.platform);

/** Whether an event is this key. Ctrl and Cmd count alike, except that Ctrl edits text on Apple devices. */
export function matchesKey(keys: string, event: KeyPress, apple: boolean): boolean {
  const parts = keys.split("+");
  const name = (parts.pop() ?? "").toLowerCase();
  const mod = apple ? event.metaKey : event.ctrlKey || event.metaKey;
  const wantsShift = parts.includes("Shift");
  // The character of a key such as ? already depends on Shift.
  const shiftMatches = /^[a-z]$|^f\d+$/.test(name) ? event.shiftKey === wantsShift : true;
  const ctrlIsFree = parts.includes("Mod") || !(event.ctrlKey || event.metaKey);
  return (
    event.key.toLowerCase() === name &&
    mod === parts.includes("Mod") &&
    ctrlIsFree &&
    shiftMatches &&
    event.altKey === parts.includes("Alt")
  );
}

/** The key as people read it, for example `Ctrl Shift Z`. */
export function shownKey(keys: string, apple: boolean): string {
  return keys
    .split("+")
    .map((part) => (part === "Mod" ? (apple ? "⌘" : "Ctrl") : part))
    .join(" ");
}

/** The key as screen readers read it, in the form of `aria-keyshortcuts`. */
export const ariaKey = (keys: string, apple: boolean): string =>
  keys.replace("Mod", apple ? "Meta" : "Control");
