import { memory } from "./memory";
import type { RoomDoc, WindowState } from "./schema/document";
import { type RoomWindow, readWindows } from "./schema/read";
import { Cell, type Source } from "./store";
import { isCore, orderAfter, raised, shownWindows, stateFor, viewFrom, type WindowView } from "./windowView";

/** The storage of a view; `memory` in the page. */
export interface ViewStore {
  value<T>(name: string): T | null;
  setValue(name: string, value: unknown): unknown;
}

/**
 * The windows of a room as this person sees them. The private part of the view is kept in this browser for each room
 * and identity, so that it survives a reload.
 */
export class OwnWindows {
  /** All windows from back to front, in the states that this person sees. */
  readonly shown: Cell<readonly RoomWindow[]>;
  readonly maximised: Cell<string | null>;
  readonly dispose: () => void;
  #view: WindowView;
  #windows: readonly RoomWindow[];

  constructor(
    private readonly doc: Source<RoomDoc>,
    private readonly key: string,
    private readonly store: ViewStore = memory,
  ) {
    const stored = viewFrom(store.value(key));
    this.#windows = readWindows(doc.get());
    this.#view = { ...stored, order: orderAfter(stored, this.#windows) };
    this.shown = new Cell(shownWindows(this.#windows, this.#view));
    this.maximised = new Cell(this.#view.maximised);
    this.dispose = doc.subscribe(() => this.#onDocument());
  }

  /** Brings a window to the front for this person. */
  raise(id: string): void {
    this.#set({ ...this.#view, order: raised(this.#view.order, id) });
  }

  /** Sets the state of a core window for this person. An opened window comes to the front. */
  setState(id: string, state: WindowState): void {
    this.#set({ ...this.#view, states: { ...this.#view.states, [id]: state } });
    if (state === "open") this.raise(id);
  }

  /** Opens all core windows for this person. */
  showCore(): void {
    const core = this.#windows.filter(isCore).map(({ id }): [string, WindowState] => [id, "open"]);
    this.#set({ ...this.#view, states: { ...this.#view.states, ...Object.fromEntries(core) } });
  }

  /** Lets one window fill the desk for this person; null for none. */
  maximise(id: string | null): void {
    this.#set({ ...this.#view, maximised: id });
    if (id !== null) this.raise(id);
  }

  stateOf(window: RoomWindow): WindowState {
    return stateFor(window, this.#view);
  }

  #onDocument(): void {
    const windows = readWindows(this.doc.get());
    if (windows === this.#windows) return;
    this.#windows = windows;
    this.#set(this.#view);
  }

  #set(view: WindowView): void {
    const before = this.#view;
    const order = orderAfter(view, this.#windows);
    const unchanged =
      order.length === before.order.length &&
      order.every(({ id, z }, at) => id === before.order[at]?.id && z === before.order[at]?.z);
    this.#view = { ...view, order: unchanged ? before.order : order };
    const isOpen = order.some(({ id }) => id === view.maximised);
    if (!isOpen && this.#view.maximised !== null) this.#view = { ...this.#view, maximised: null };
    if (!unchanged || view.states !== before.states || this.#view.maximised !== before.maximised)
      this.store.setValue(this.key, this.#view);
    this.maximised.set(this.#view.maximised);
    this.shown.set(shownWindows(this.#windows, this.#view));
  }
}
