import { describe, expect, it } from "vitest";
import type { RoomWindow } from "../room/schema/read";
import { cascade, freeSpot, initialLayout, tile } from "./arrange";
import { DESK, dragged, projectionFor, toDesk, toView, WINDOW_MIN } from "./projection";

const place = { x: 1008, y: 24, width: 320, height: 404 };
const sizes = [
  { width: 1440, height: 844 },
  { width: 1024, height: 712 },
  { width: 760, height: 500 },
  { width: 2560, height: 1384 },
];
const windows = (n: number): RoomWindow[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `w${i}`,
    type: "note",
    title: "",
    x: 9_000,
    y: -50,
    width: 320,
    height: 200,
    z: "a",
    state: "open",
    ref: null,
    props: {},
    by: "",
    at: 0,
  }));

describe("the shared desk on different screens", () => {
  it.each(sizes)("on %o, a window with any coordinates is inside the viewport", (size) => {
    const projection = projectionFor(size);
    for (const far of [
      place,
      { ...place, x: 99_999, y: 99_999 },
      { ...place, x: -5_000, y: -5_000, width: 9_999 },
    ]) {
      const shown = toView(far, projection);
      expect(shown.x).toBeGreaterThanOrEqual(0);
      expect(shown.y).toBeGreaterThanOrEqual(0);
      expect(shown.x + shown.width).toBeLessThanOrEqual(Math.max(size.width, WINDOW_MIN.width));
      expect(shown.y).toBeLessThanOrEqual(size.height - 44);
    }
  });

  it.each(sizes.filter(({ width }) => width > 1_000))(
    "on %o, a place mapped to the viewport and back is the same place",
    (size) => {
      const projection = projectionFor(size);
      const back = toDesk(toView(place, projection), projection);
      expect(Math.abs(back.x - place.x)).toBeLessThanOrEqual(1);
      expect(Math.abs(back.width - place.width)).toBeLessThanOrEqual(1);
    },
  );

  it.each(sizes.filter(({ height }) => height >= 500))(
    "on %o, the Output window of a new room, with the composer at its lower edge, ends inside the viewport",
    (size) => {
      const output = initialLayout(windows(1).map((window) => ({ ...window, type: "output" as const }))).get(
        "w0",
      );
      if (output === undefined) throw new Error("Output has no initial place");
      const shown = toView(output, projectionFor(size));
      expect(shown.y + shown.height).toBeLessThanOrEqual(size.height);
      if (size.height <= DESK.height * 1.5) expect(shown.height).toBeGreaterThan(size.height * 0.9);
    },
  );

  it("dragging an edge keeps the opposite edge, the minimum size and the bounds", () => {
    const bounds = { width: 1000, height: 700 };
    const start = { x: 100, y: 100, width: 400, height: 300 };
    expect(dragged(start, "move", -500, 20, bounds)).toEqual({ ...start, x: 0, y: 120 });
    expect(dragged(start, "w", 390, 0, bounds)).toEqual({ ...start, x: 300, width: 200 });
    expect(dragged(start, "nw", -50, -50, bounds)).toEqual({ x: 50, y: 50, width: 450, height: 350 });
    expect(dragged(start, "se", 5_000, -5_000, bounds)).toEqual({
      ...start,
      width: 900,
      height: WINDOW_MIN.height,
    });
  });
});

describe("arranging", () => {
  it.each([1, 2, 3, 5, 7, 12])("tiles %i windows inside the desk without overlap", (n) => {
    const places = [...tile(windows(n)).values()];
    expect(places).toHaveLength(n);
    for (const a of places) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(DESK.width);
      expect(a.y + a.height).toBeLessThanOrEqual(DESK.height);
      for (const b of places) {
        if (a === b) continue;
        const apart =
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    }
  });

  it("cascade and reset give every window a different corner", () => {
    for (const places of [cascade(windows(8)), initialLayout(windows(8))]) {
      expect(new Set([...places.values()].map((p) => `${p.x},${p.y}`)).size).toBe(8);
    }
  });

  it.each([9, 10, 30, 200])(
    "cascade and reset give %i windows as many corners, inside the desk's width",
    (n) => {
      for (const places of [cascade(windows(n)), initialLayout(windows(n))]) {
        const all = [...places.values()];
        expect(new Set(all.map((p) => `${p.x},${p.y}`)).size).toBe(n);
        for (const place of all) expect(place.x + 112).toBeLessThanOrEqual(DESK.width);
      }
    },
  );

  it("twenty new windows have different corners, and the first covers no other window if there is space", () => {
    const open: RoomWindow[] = [];
    for (let i = 0; i < 20; i++)
      open.push({ ...(windows(1)[0] as RoomWindow), id: `n${i}`, ...freeSpot(open, 320, 220) });
    expect(new Set(open.map((p) => `${p.x},${p.y}`)).size).toBe(20);
    const [first, second] = open as [RoomWindow, RoomWindow];
    const apart =
      first.x + first.width <= second.x ||
      second.x + second.width <= first.x ||
      first.y + first.height <= second.y ||
      second.y + second.height <= first.y;
    expect(apart).toBe(true);
  });

  it("a new window does not start at another window's corner", () => {
    const first = freeSpot([], 300, 200);
    const existing = { ...windows(1)[0], ...first } as RoomWindow;
    expect(freeSpot([existing], 300, 200)).not.toEqual(first);
  });
});
