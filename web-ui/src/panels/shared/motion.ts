/**
 * Whether the reader asked for less motion. It is read at the moment of moving, so that a changed setting applies at
 * once.
 */
export const wantsStillness = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
