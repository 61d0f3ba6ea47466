import type { Activity, WindowAction } from "../../room";
import { peopleTexts } from "../../texts";

const VERBS: Record<WindowAction, string> = {
  opened: "opened",
  closed: "closed",
  minimized: "minimised",
  moved: "moved",
  resized: "resized",
  parameters: "redrew",
  renamed: "renamed",
};

/** The action and its windows, such as "moved Output" or "resized 3 windows". */
export function actionText({ action, windows }: Activity, titleOf: (id: string) => string | null): string {
  const [only] = windows;
  const target =
    windows.length > 1 || only === undefined
      ? peopleTexts.windowCount(windows.length)
      : (titleOf(only) ?? peopleTexts.windowGone);
  return `${VERBS[action]} ${target}`;
}

/** The action alone with a capital letter, such as "Moved". */
export const actionVerb = (action: WindowAction): string =>
  VERBS[action].charAt(0).toUpperCase() + VERBS[action].slice(1);
