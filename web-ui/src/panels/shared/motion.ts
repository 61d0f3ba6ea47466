/**
 * Whether the reader asked for less motion. It is read at the moment of moving, so that a changed setting applies at
 * once.
 */
export const prefersReducedMotion = (): boolean =>
  window.matchMedia("(prefers-reduced-motion: reduce)").matches;
