import type { Place, RoomWindow, WindowType } from "../room";
import { DESK } from "./projection";

const GAP = 24;

/** Places for the windows in a grid that fills the desk. */
export function tile(windows: readonly RoomWindow[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const columns = Math.max(1, Math.ceil(Math.sqrt(windows.length)));
  const rows = Math.max(1, Math.ceil(windows.length / columns));
  const height = (DESK.height - GAP * (rows + 1)) / rows;
  windows.forEach((window, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? windows.length - columns * (rows - 1) : columns;
    const width = (DESK.width - GAP * (inRow + 1)) / inRow;
    places.set(window.id, {
      x: Math.round(GAP + (i % columns) * (width + GAP)),
      y: Math.round(GAP + row * (height + GAP)),
      width: Math.round(width),
      height: Math.round(height),
    });
  });
  return places;
}

/** The steps of a cascade until the next one starts further right. */
const CASCADE_STEPS = 9;

/**
 * The offset of window `index` of `count` windows in a cascade. Every window has its own corner: after nine windows, a
 * further cascade starts at the top, further right. All cascades together are at most `width` wide.
 */
function cascadeOffset(
  index: number,
  count: number,
  width: number,
): { readonly x: number; readonly y: number } {
  const step = index % CASCADE_STEPS;
  const cascades = Math.ceil(count / CASCADE_STEPS);
  const space = Math.max(0, width - (CASCADE_STEPS - 1) * 44);
  const shift = cascades === 1 ? 0 : Math.max(1, Math.min(150, Math.floor(space / (cascades - 1))));
  return { x: step * 44 + Math.floor(index / CASCADE_STEPS) * shift, y: step * 40 };
}

/** Places for the windows in a cascade, so that the corner of each title bar is visible. */
export function cascade(windows: readonly RoomWindow[]): Map<string, Place> {
  const places = new Map<string, Place>();
  windows.forEach((window, i) => {
    const width = Math.min(window.width, 560);
    const { x, y } = cascadeOffset(i, windows.length, DESK.width - 2 * GAP - 560);
    places.set(window.id, { x: GAP + x, y: GAP + y, width, height: Math.min(window.height, 380) });
  });
  return places;
}

const INITIAL: Partial<Record<WindowType, Place>> = {
  stack: { x: 24, y: 24, width: 296, height: 636 },
  output: { x: 344, y: 24, width: 640, height: 676 },
  chat: { x: 1008, y: 24, width: 320, height: 452 },
  people: { x: 24, y: 512, width: 296, height: 188 },
};
const NOTE_INITIAL: Place = { x: 1008, y: 492, width: 320, height: 208 };

/**
 * Places for the windows as in a new room: the first window of each type has its initial place, and the others are
 * cascaded over the middle.
 */
export function initialLayout(windows: readonly RoomWindow[]): Map<string, Place> {
  const places = new Map<string, Place>();
  const placedTypes = new Set<string>();
  const others: RoomWindow[] = [];
  for (const window of windows) {
    const place = window.type === "note" ? NOTE_INITIAL : INITIAL[window.type];
    if (place !== undefined && !placedTypes.has(window.type)) {
      placedTypes.add(window.type);
      places.set(window.id, place);
    } else {
      others.push(window);
    }
  }
  others.forEach((window, i) => {
    const { x, y } = cascadeOffset(i, others.length, 560);
    places.set(window.id, { x: 392 + x, y: 72 + y, width: window.width, height: window.height });
  });
  return places;
}

const overlap = (a: Place, b: Place): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** The distance between two places that are tried for a new window. */
const SPOT_STEP = 34;

/**
 * A place for a new window: in a grid, the place that covers least of the open windows, and of several such
 * places the one nearest to the desk's middle. It is never at another window's corner.
 */
export function freeSpot(windows: readonly RoomWindow[], width: number, height: number): Place {
  const open = windows.filter((window) => window.state === "open");
  const bottom = DESK.height - GAP - height;
  let best: { readonly place: Place; readonly cost: number } | null = null;
  for (let y = GAP; y <= Math.max(GAP, bottom); y += SPOT_STEP) {
    for (let x = GAP; x <= Math.max(GAP, DESK.width - GAP - width); x += SPOT_STEP) {
      const place = { x, y, width, height };
      if (open.some((other) => Math.abs(other.x - x) < 20 && Math.abs(other.y - y) < 20)) continue;
      const covered = open.reduce((sum, other) => sum + overlap(place, other), 0);
      const distance = Math.abs(x + width / 2 - DESK.width / 2) + Math.abs(y - 84);
      const cost = covered * 1_000 + distance;
      if (best === null || cost < best.cost) best = { place, cost };
    }
  }
  return best?.place ?? { x: 420, y: 84, width, height };
}
