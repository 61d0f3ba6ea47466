/**
 * A point relative to a window, or to the desk if `window` is null. `x` and `y` are fractions of its width and height,
 * so that the point refers to the same content on every screen.
 */
export interface Anchor {
  readonly window: string | null;
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function anchorIn(point: Point, box: Box, window: string | null): Anchor {
  const fraction = (at: number, from: number, length: number): number =>
    Math.round(((at - from) / Math.max(1, length)) * 10_000) / 10_000;
  return { window, x: fraction(point.x, box.left, box.width), y: fraction(point.y, box.top, box.height) };
}

export function pointIn(anchor: Anchor, box: Box): Point {
  return { x: box.left + anchor.x * box.width, y: box.top + anchor.y * box.height };
}

/** The next point of a smooth movement to a target. At any frame rate, most of the way takes about 100 ms. */
export function approach(from: Point, to: Point, elapsedMs: number): Point {
  const share = 1 - Math.exp(-elapsedMs / 38);
  const next = { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
  return Math.hypot(to.x - next.x, to.y - next.y) < 0.4 ? to : next;
}

/** Reads a cursor message: the point, "gone" if the cursor has left the desk, or null if the message is malformed. */
export function cursorOf(message: unknown): Anchor | "gone" | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, window, x, y, gone } = message as Record<string, unknown>;
  if (type !== "parlor-cursor") return null;
  if (gone === true) return "gone";
  if (typeof x !== "number" || typeof y !== "number" || !Number.isFinite(x) || !Number.isFinite(y))
    return null;
  return { window: typeof window === "string" ? window : null, x, y };
}
