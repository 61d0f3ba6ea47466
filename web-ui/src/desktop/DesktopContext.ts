import { createContext, useContext } from "react";
import type { LivePlaces } from "./livePlaces";
import type { Projection } from "./projection";

export interface DesktopValue {
  readonly projection: Projection;
  readonly live: LivePlaces;
}

export const DesktopContext = createContext<DesktopValue | null>(null);

export function useDesktop(): DesktopValue {
  const value = useContext(DesktopContext);
  if (value === null) throw new Error("useDesktop outside of Desktop");
  return value;
}
