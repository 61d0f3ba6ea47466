import { isCore, type Place, type RoomWindow, type WindowState, type WindowType } from "../room";
import { layoutTexts } from "../texts";

/** The version of layout files that this page writes and reads. */
export const LAYOUT_VERSION = 1;

/** The largest layout file, in characters; a larger file is refused. */
export const LAYOUT_LENGTH_MAX = 512 * 1024;
/** The most windows in a layout file; a file with more is refused. */
const WINDOWS_MAX = 1_000;
/** The largest coordinate and size in a layout file, in desk units; a larger number is refused. */
const UNITS_MAX = 20_000;

/** One window in a layout file. */
export interface LayoutWindow extends Place {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly state: WindowState;
}

/** A layout: the windows from back to front. */
export type Layout = readonly LayoutWindow[];

/** The layout as the text of a file. */
export function writeLayout(windows: readonly RoomWindow[]): string {
  const listed: Layout = windows.map(({ id, type, title, x, y, width, height, state }) => ({
    id,
    type,
    title,
    x,
    y,
    width,
    height,
    state,
  }));
  return `${JSON.stringify({ parlorLayout: LAYOUT_VERSION, windows: listed }, null, 2)}\n`;
}

/** A layout file is invalid. The message is a sentence that names the field. */
export class LayoutProblem extends Error {}

const STATES: readonly WindowState[] = ["open", "minimized", "closed"];

/** Reads the text of a layout file. */
export function readLayout(text: string): Layout {
  if (text.length > LAYOUT_LENGTH_MAX) throw new LayoutProblem(layoutTexts.tooLarge);
  const file = parsed(text);
  const version = file.parlorLayout;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1)
    throw new LayoutProblem(layoutTexts.notALayout);
  if (version > LAYOUT_VERSION) throw new LayoutProblem(layoutTexts.newer(version, LAYOUT_VERSION));
  if (!Array.isArray(file.windows)) throw new LayoutProblem(layoutTexts.mustBe("windows", layoutTexts.aList));
  if (file.windows.length > WINDOWS_MAX) throw new LayoutProblem(layoutTexts.tooMany(WINDOWS_MAX));
  return file.windows.map(readWindow);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file === "object" && file !== null && !Array.isArray(file))
      return file as Record<string, unknown>;
  } catch {
    // The sentence below says what a layout file is.
  }
  throw new LayoutProblem(layoutTexts.notALayout);
}

function readWindow(entry: unknown, index: number): LayoutWindow {
  const field = (name: string): string => `windows[${index}].${name}`;
  if (typeof entry !== "object" || entry === null)
    throw new LayoutProblem(layoutTexts.mustBe(`windows[${index}]`, layoutTexts.anObject));
  const raw = entry as Record<string, unknown>;
  const text = (name: string): string => {
    const value = raw[name];
    if (typeof value !== "string")
      throw new LayoutProblem(layoutTexts.mustBe(field(name), layoutTexts.aText));
    return value;
  };
  const number = (name: string, least: number): number => {
    const value = raw[name];
    if (typeof value !== "number" || !Number.isFinite(value) || value < least || value > UNITS_MAX)
      throw new LayoutProblem(layoutTexts.mustBe(field(name), layoutTexts.aNumber(least, UNITS_MAX)));
    return Math.round(value);
  };
  const state = STATES.find((each) => each === raw.state);
  if (state === undefined)
    throw new LayoutProblem(layoutTexts.mustBe(field("state"), layoutTexts.oneOf(STATES.join(", "))));
  return {
    id: text("id"),
    type: text("type"),
    title: text("title"),
    x: number("x", -UNITS_MAX),
    y: number("y", -UNITS_MAX),
    width: number("width", 1),
    height: number("height", 1),
    state,
  };
}

/** A window of the room with its place in a layout. */
export interface Placed {
  readonly window: RoomWindow;
  readonly entry: LayoutWindow;
}

/**
 * Finds the room's window for each entry of a layout: by id, then by type and title, then a core window by type. A
 * window is used once. Entries without a window are counted in `missing`; windows without an entry stay as they are.
 */
export function matchLayout(
  layout: Layout,
  windows: readonly RoomWindow[],
): { readonly placed: readonly Placed[]; readonly missing: number } {
  const free = new Set(windows);
  const found = new Map<LayoutWindow, RoomWindow>();
  const steps: readonly ((entry: LayoutWindow, window: RoomWindow) => boolean)[] = [
    (entry, window) => window.id === entry.id,
    (entry, window) => window.type === entry.type && window.title === entry.title,
    (entry, window) => window.type === entry.type && isCore({ type: entry.type as WindowType }),
  ];
  for (const isSame of steps) {
    for (const entry of layout) {
      if (found.has(entry)) continue;
      const window = [...free].find((each) => isSame(entry, each));
      if (window === undefined) continue;
      free.delete(window);
      found.set(entry, window);
    }
  }
  const placed = layout.flatMap((entry) => {
    const window = found.get(entry);
    return window === undefined ? [] : [{ window, entry }];
  });
  return { placed, missing: layout.length - placed.length };
}
