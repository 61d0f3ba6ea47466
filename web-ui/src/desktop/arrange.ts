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

/** Places for the windows in a cascade, so that each title bar is visible. */
export function cascade(windows: readonly RoomWindow[]): Map<string, Place> {
  const places = new Map<string, Place>();
  windows.forEach((window, i) => {
    const step = i % 9;
    places.set(window.id, {
      x: GAP + step * 44,
      y: GAP + step * 40,
      width: Math.min(window.width, 560),
      height: Math.min(window.height, 380),
    });
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
  let cascadedCount = 0;
  for (const window of windows) {
    const place = window.type === "note" ? NOTE_INITIAL : INITIAL[window.type];
    if (place !== undefined && !placedTypes.has(window.type)) {
      placedTypes.add(window.type);
      places.set(window.id, place);
    } else {
      const step = cascadedCount++ % 8;
      places.set(window.id, {
        x: 392 + step * 36,
        y: 72 + step * 36,
        width: window.width,
        height: window.height,
      });
    }
  }
  return places;
}

/** A place for a new window: the first place on a diagonal where no open window has its top left corner. */
export function freeSpot(windows: readonly RoomWindow[], width: number, height: number): Place {
  for (let step = 0; step < 12; step++) {
    const x = 420 + step * 34;
    const y = 84 + step * 34;
    const used = windows.some((w) => w.state === "open" && Math.abs(w.x - x) < 20 && Math.abs(w.y - y) < 20);
    if (!used) return { x, y, width, height };
  }
  return { x: 420, y: 84, width, height };
}
