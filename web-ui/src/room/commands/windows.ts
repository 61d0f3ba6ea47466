import { roomTexts } from "../../texts";
import type { RoomDoc, WindowState, WindowType } from "../schema/document";
import { keyAfterAll, keyBetween } from "../schema/order";
import { readWindows } from "../schema/read";
import { scalar, str } from "../schema/scalars";
import {
  type Authorship,
  type Command,
  type FieldSet,
  mapOf,
  type Plain,
  setField,
  undoStep,
} from "./command";

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface NewWindow extends Authorship, Place {
  readonly id: string;
  readonly type: WindowType;
  readonly title: string;
  readonly ref?: string | null;
}

export const posOf = (x: number, y: number): string => `${Math.round(x)},${Math.round(y)}`;
export const sizeOf = (width: number, height: number): string => `${Math.round(width)}x${Math.round(height)}`;

function topZ(doc: RoomDoc): string {
  return keyAfterAll(Object.values(mapOf(doc, "windows")).map((other) => str(other.z)));
}

/** Opens a new window in front. A note window also gets its note under `ref`. Undo closes the window. */
export function addWindow(window: NewWindow): Command {
  return (doc) => {
    const windows = mapOf(doc, "windows");
    windows[window.id] = {
      type: scalar(window.type),
      title: scalar(window.title),
      pos: scalar(posOf(window.x, window.y)),
      size: scalar(sizeOf(window.width, window.height)),
      z: scalar(topZ(doc)),
      state: scalar("open"),
      ref: window.ref ? scalar(window.ref) : null,
      props: {},
      by: scalar(window.by),
      at: window.at,
    };
    if (window.type === "note" && window.ref) {
      const notes = mapOf(doc, "notes");
      if (notes[window.ref] === undefined) notes[window.ref] = { text: "" };
    }
    return {
      label: roomTexts.openWindow,
      sets: [{ path: ["windows", window.id, "state"], from: "closed", to: "open" }],
    };
  };
}

export function moveWindow(id: string, x: number, y: number): Command {
  return (doc) => undoStep(roomTexts.moveWindow, [setField(doc, ["windows", id, "pos"], posOf(x, y))]);
}

export function resizeWindow(id: string, width: number, height: number): Command {
  return (doc) =>
    undoStep(roomTexts.resizeWindow, [setField(doc, ["windows", id, "size"], sizeOf(width, height))]);
}

/**
 * Moves and resizes a window in one undo step, as dragging the left or top edge does. Only changed fields are written.
 */
export function placeWindow(id: string, place: Place): Command {
  return (doc) =>
    undoStep(roomTexts.placeWindow, [
      setField(doc, ["windows", id, "pos"], posOf(place.x, place.y)),
      setField(doc, ["windows", id, "size"], sizeOf(place.width, place.height)),
    ]);
}

const STATE_LABEL: Record<WindowState, string> = {
  open: roomTexts.openWindow,
  minimized: roomTexts.minimiseWindow,
  closed: roomTexts.closeWindow,
};

/**
 * Makes sure that the room has an Output window. A room with such a window is not changed. There is no undo step.
 */
export function ensureOutput(newWindow: Authorship & { readonly id: string }): Command {
  return (doc) => {
    if (readWindows(doc).some((window) => window.type === "output")) return;
    addWindow({ ...newWindow, type: "output", title: "Output", x: 344, y: 24, width: 640, height: 676 })(doc);
  };
}

/** Opens, minimises or closes a window. The note of a closed note window stays in the document. */
export function setWindowState(id: string, state: WindowState): Command {
  return (doc) => undoStep(STATE_LABEL[state], [setField(doc, ["windows", id, "state"], state)]);
}

export function renameWindow(id: string, title: string): Command {
  return (doc) => undoStep(roomTexts.renameWindow, [setField(doc, ["windows", id, "title"], title)]);
}

/** Sets parameters of a window's content, such as the seed of a pattern, from which every page draws the content. */
export function setWindowParameters(id: string, values: Readonly<Record<string, Plain>>): Command {
  return (doc) => {
    const raw = doc.windows?.[id];
    if (raw === undefined) return undefined;
    if (typeof raw.props !== "object" || raw.props === null) raw.props = {};
    const sets = Object.entries(values).map(([key, to]) => setField(doc, ["windows", id, "props", key], to));
    return undoStep(roomTexts.changePattern, sets);
  };
}

/**
 * Moves and resizes many windows in one undo step (tile, cascade, reset). The windows also take the order of `places`,
 * the last in front. The new `z` of several windows tells every page to show this order. `opened` are the windows that are opened for all people.
 */
export function arrangeWindows(
  label: string,
  places: ReadonlyMap<string, Place>,
  opened: ReadonlySet<string> = new Set(),
): Command {
  return (doc) => {
    const sets: (FieldSet | undefined)[] = [];
    let z: string | null = null;
    for (const [id, place] of places) {
      sets.push(setField(doc, ["windows", id, "pos"], posOf(place.x, place.y)));
      sets.push(setField(doc, ["windows", id, "size"], sizeOf(place.width, place.height)));
      if (opened.has(id)) sets.push(setField(doc, ["windows", id, "state"], "open"));
      z = keyBetween(z, null);
      sets.push(setField(doc, ["windows", id, "z"], z));
    }
    return undoStep(label, sets);
  };
}

/** The place of one window in a layout, and its state if that is shared. */
export interface LayoutStep {
  readonly id: string;
  readonly place: Place;
  readonly state: WindowState | null;
}

/** Loads a layout in one undo step; the windows take the order of the list, the last in front. */
export function loadLayout(label: string, windows: readonly LayoutStep[]): Command {
  const places = new Map(windows.map(({ id, place }) => [id, place]));
  const arrange = arrangeWindows(label, places);
  return (doc) => {
    const arranged = arrange(doc);
    const states = windows.map(({ id, state }) =>
      state === null ? undefined : setField(doc, ["windows", id, "state"], state),
    );
    return undoStep(label, [...(arranged?.sets ?? []), ...states]);
  };
}

/** Resolves a conflict: writes the picked one of the concurrent values again, so that it wins for everyone. */
export function pickWindowValue(id: string, field: "pos" | "size" | "title", value: string): Command {
  return (doc) => {
    const raw = doc.windows?.[id];
    if (raw === undefined) return undefined;
    const from = str(raw[field]);
    raw[field] = scalar(value);
    return undoStep(
      field === "title" ? roomTexts.pickTitle : roomTexts.pickPlace,
      from === value ? [] : [{ path: ["windows", id, field], from, to: value }],
    );
  };
}
