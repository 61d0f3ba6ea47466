import type { Place } from "../room";

/**
 * Windows have places on one shared desk of fixed size. Every viewport maps that desk onto itself: people with
 * different screens see the same arrangement, and a window at the edge of a big screen stays visible on a small one.
 */
export const DESK = { width: 1352, height: 724 } as const;
export const WINDOW_MIN = { width: 200, height: 112 } as const;
const SCALE = { min: 0.58, max: 1.5 } as const;
/**
 * The hand and the question keep their size on every screen: this many pixels at the bottom, with a small gap above the
 * cards. The desk from its top down to `clear`, where a new room's answer ends, stays above them.
 */
const DOCK = { height: 212, clear: 564 } as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Projection extends Size {
  readonly scaleX: number;
  readonly scaleY: number;
}

const clamp = (low: number, value: number, high: number): number => Math.max(low, Math.min(value, high));

export function projectionFor({ width, height }: Size): Projection {
  return {
    width,
    height,
    scaleX: clamp(SCALE.min, width / DESK.width, SCALE.max),
    scaleY: clamp(SCALE.min, Math.min(height / DESK.height, (height - DOCK.height) / DOCK.clear), SCALE.max),
  };
}

/** Maps from desk to viewport. The result lies inside the viewport: its whole width, and at least its title bar. */
export function toView(place: Place, projection: Projection): Place {
  const width = clamp(
    WINDOW_MIN.width,
    place.width * projection.scaleX,
    Math.max(WINDOW_MIN.width, projection.width),
  );
  const height = Math.max(WINDOW_MIN.height, place.height * projection.scaleY);
  return {
    x: clamp(0, place.x * projection.scaleX, Math.max(0, projection.width - width)),
    y: clamp(0, place.y * projection.scaleY, Math.max(0, projection.height - 44)),
    width,
    height,
  };
}

/** Maps from viewport to desk, in whole units. */
export function toDesk(place: Place, { scaleX: fx, scaleY: fy }: Projection): Place {
  return {
    x: Math.round(place.x / fx),
    y: Math.round(place.y / fy),
    width: Math.round(place.width / fx),
    height: Math.round(place.height / fy),
  };
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

export type Edge = "move" | "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw";

/** The place while an edge (or the title bar) is dragged by dx, dy, in viewport pixels, kept reachable. */
export function dragged(start: Place, edge: Edge, dx: number, dy: number, bounds: Size): Place {
  if (edge === "move") {
    return {
      ...start,
      x: clamp(0, start.x + dx, Math.max(0, bounds.width - start.width)),
      y: clamp(0, start.y + dy, Math.max(0, bounds.height - 44)),
    };
  }
  let { x, y, width, height } = start;
  if (edge.includes("e")) width = clamp(WINDOW_MIN.width, width + dx, bounds.width - x);
  if (edge.includes("s")) height = clamp(WINDOW_MIN.height, height + dy, bounds.height);
  if (edge.includes("w")) {
    const right = x + width;
    x = clamp(0, x + dx, right - WINDOW_MIN.width);
    width = right - x;
  }
  if (edge.includes("n")) {
    const bottom = y + height;
    y = clamp(0, y + dy, bottom - WINDOW_MIN.height);
    height = bottom - y;
  }
  return { x, y, width, height };
}
