import type { WindowState, WindowType } from "./schema/document";
import type { RoomWindow } from "./schema/read";

/*
 * How one person sees the windows of a room. Places and sizes are shared. The order from back to front, the maximised
 * window and the states of the core windows are private: they are kept in this browser and never sent.
 */

/** The types of windows that each room has. Every person opens, minimises and closes them for themselves. */
const CORE: ReadonlySet<WindowType> = new Set<WindowType>(["stack", "output", "chat", "people"]);

export const isCore = ({ type }: Pick<RoomWindow, "type">): boolean => CORE.has(type);

/** One window in a person's order, with the `z` that the document had when the window got its place there. */
export interface Ordered {
  readonly id: string;
  readonly z: string;
}

export interface WindowView {
  /** The windows that this person sees open, from back to front. */
  readonly order: readonly Ordered[];
  /** The states of core windows that this person has chosen. For the other windows the document's state counts. */
  readonly states: Readonly<Record<string, WindowState>>;
  readonly maximised: string | null;
}

export const EMPTY_VIEW: WindowView = { order: [], states: {}, maximised: null };

/** The state of a window for this person. */
export const stateFor = (window: RoomWindow, { states }: Pick<WindowView, "states">): WindowState =>
  isCore(window) ? (states[window.id] ?? window.state) : window.state;

/**
 * The order after a change of the document. A window that was not shown before comes to the front; several such windows
 * keep the order of the document. If a layout has written the `z` of several windows, these take the layout's order. A
 * single new `z` changes nothing: older clients wrote it at each click.
 *
 * @param windows all windows, in the order of the document
 */
export function orderAfter(view: WindowView, windows: readonly RoomWindow[]): readonly Ordered[] {
  const open = windows.filter((window) => stateFor(window, view) === "open");
  const byId = new Map(open.map((window) => [window.id, window]));
  const known = view.order.filter(({ id }) => byId.has(id));
  const arranged = known.filter(({ id, z }) => byId.get(id)?.z !== z);
  const rewritten = new Set(arranged.length > 1 ? arranged.map(({ id }) => id) : []);
  const keeping = known.filter(({ id }) => !rewritten.has(id)).map(({ id }) => id);
  const kept = new Set(keeping);
  const ids = [...keeping, ...open.map(({ id }) => id).filter((id) => !kept.has(id))];
  return ids.map((id) => ({ id, z: byId.get(id)?.z ?? "" }));
}

/** The order with one window in front. */
export function raised(order: readonly Ordered[], id: string): readonly Ordered[] {
  const found = order.find((each) => each.id === id);
  if (found === undefined || order.at(-1) === found) return order;
  return [...order.filter((each) => each !== found), found];
}

/** All windows as this person sees them: with the person's states, and from back to front in the person's order. */
export function shownWindows(windows: readonly RoomWindow[], view: WindowView): readonly RoomWindow[] {
  const rank = new Map(view.order.map(({ id }, at) => [id, at]));
  return windows
    .map((window) => inState(window, stateFor(window, view)))
    .sort((a, b) => (rank.get(a.id) ?? -1) - (rank.get(b.id) ?? -1));
}

/** The copies of windows in another state, so that a component gets the same object until the window changes. */
const copies = new WeakMap<RoomWindow, RoomWindow>();

function inState(window: RoomWindow, state: WindowState): RoomWindow {
  if (state === window.state) return window;
  const existing = copies.get(window);
  if (existing?.state === state) return existing;
  const copy = { ...window, state };
  copies.set(window, copy);
  return copy;
}

/** Reads a stored view. Anything else than a view reads as an empty view. */
export function viewFrom(stored: unknown): WindowView {
  if (typeof stored !== "object" || stored === null) return EMPTY_VIEW;
  const { order, states, maximised } = stored as Record<string, unknown>;
  return {
    order: Array.isArray(order)
      ? order.filter((each): each is Ordered => typeof each?.id === "string" && typeof each?.z === "string")
      : [],
    states: typeof states === "object" && states !== null ? (states as WindowView["states"]) : {},
    maximised: typeof maximised === "string" ? maximised : null,
  };
}
