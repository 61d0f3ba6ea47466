/** Whether the reader asked for less motion. Asked at the moment of moving, so a changed setting counts at once. */
export const wantsStillness = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
