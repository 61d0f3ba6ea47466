import type { Place } from "../room";

/**
 * The size of the shared desk, on which all windows have their places. Each page maps the desk to its viewport, so
 * people with different screens see the same arrangement, and no window is outside a small screen.
 */
export const DESK = { width: 1352, height: 724 } as const;
export const WINDOW_MIN = { width: 200, height: 112 } as const;
const SCALE = { min: 0.58, max: 1.5 } as const;

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
    scaleY: clamp(SCALE.min, height / DESK.height, SCALE.max),
  };
}

/** Maps from desk to viewport. The whole width of the result and at least its title bar are inside the viewport. */
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
export function toDesk(place: Place, { scaleX, scaleY }: Projection): Place {
  return {
    x: Math.round(place.x / scaleX),
    y: Math.round(place.y / scaleY),
    width: Math.round(place.width / scaleX),
    height: Math.round(place.height / scaleY),
  };
}

/** The place of a window that fills the desk. */
export function maximisedPlace({ width, height }: Size): Place {
  const margin = 8;
  return {
    x: margin,
    y: margin,
    width: Math.max(WINDOW_MIN.width, width - 2 * margin),
    height: Math.max(WINDOW_MIN.height, height - 2 * margin),
  };
}

export const samePlace = (a: Place, b: Place): boolean =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

export type Edge = "move" | "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw";

/** The place of a window after its edge or title bar is dragged by dx and dy, in viewport pixels, within `bounds`. */
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
