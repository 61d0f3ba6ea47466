import type { Activity, WindowDeed } from "../../room";

const VERBS: Record<WindowDeed, string> = {
  opened: "opened",
  closed: "closed",
  minimized: "minimised",
  moved: "moved",
  resized: "resized",
  parameters: "redrew",
  renamed: "renamed",
};

/** "moved Output", "resized 3 windows". A removed window no longer has a title. */
export function deedWords({ deed, windows }: Activity, titleOf: (id: string) => string | null): string {
  const [only] = windows;
  const what =
    windows.length > 1 || only === undefined
      ? `${windows.length} windows`
      : (titleOf(only) ?? "a window that is gone");
  return `${VERBS[deed]} ${what}`;
}

/** "Moved", for a line that names its window elsewhere. */
export const deedWord = (deed: WindowDeed): string =>
  VERBS[deed].charAt(0).toUpperCase() + VERBS[deed].slice(1);
