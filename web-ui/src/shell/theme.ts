import { useSyncExternalStore } from "react";
import { memory } from "../room/memory";

export type Theme = "system" | "light" | "dark";

const listeners = new Set<() => void>();

export function currentTheme(): Theme {
  const theme = memory.value<Theme>("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Applies the theme and stores it. On the next load of the page, `theme.js` applies it before the first paint. */
export function setTheme(theme: Theme): void {
  memory.setValue("theme", theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", paper);
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentTheme);
}
