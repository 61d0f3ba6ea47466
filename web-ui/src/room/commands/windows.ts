import type { RoomDoc, WindowState, WindowType } from "../schema/document";
import { keyAfterAll } from "../schema/order";
import { type RoomWindow, readWindows } from "../schema/read";
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
      label: "Open window",
      sets: [{ path: ["windows", window.id, "state"], from: "closed", to: "open" }],
    };
  };
}

export function moveWindow(id: string, x: number, y: number): Command {
  return (doc) => undoStep("Move window", [setField(doc, ["windows", id, "pos"], posOf(x, y))]);
}

export function resizeWindow(id: string, width: number, height: number): Command {
  return (doc) => undoStep("Resize window", [setField(doc, ["windows", id, "size"], sizeOf(width, height))]);
}

/**
 * Moves and resizes a window in one undo step, as dragging the left or top edge does. Only changed fields are written.
 */
export function placeWindow(id: string, place: Place): Command {
  return (doc) =>
    undoStep("Place window", [
      setField(doc, ["windows", id, "pos"], posOf(place.x, place.y)),
      setField(doc, ["windows", id, "size"], sizeOf(place.width, place.height)),
    ]);
}

/** Brings a window to the front, without an undo step. Nothing is written if it is already in front. */
export function raiseWindow(id: string): Command {
  return (doc) => {
    raise(doc, id);
  };
}

function raise(doc: RoomDoc, id: string): FieldSet | undefined {
  const windows = mapOf(doc, "windows");
  const ownZ = str(windows[id]?.z);
  if (windows[id] === undefined) return undefined;
  const covered = Object.entries(windows).some(
    ([other, raw]) => other !== id && (str(raw.z) > ownZ || (str(raw.z) === ownZ && other > id)),
  );
  return covered ? setField(doc, ["windows", id, "z"], topZ(doc)) : undefined;
}

const STATE_LABEL: Record<WindowState, string> = {
  open: "Open window",
  minimized: "Minimise window",
  closed: "Close window",
};

const area = ({ width, height }: Place): number => width * height;

function overlap(a: Place, b: Place): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

/** The share of a window's area that other windows may cover before the window counts as hidden. */
const COVERED_MAX = 0.25;

/**
 * Brings the Output window into view for all people: opens it if it is closed or minimised, raises it if other windows
 * cover it, and creates it if it is missing. Nothing is written if it is in view. There is no undo step.
 */
export function showOutput(newWindow: Authorship & { readonly id: string }): Command {
  return (doc) => {
    const all = readWindows(doc);
    const outputs = all.filter((window) => window.type === "output");
    const open = outputs.filter((window) => window.state === "open");
    const covered = (window: RoomWindow): boolean => {
      const above = all.slice(all.indexOf(window) + 1).filter((other) => other.state === "open");
      return above.reduce((sum, other) => sum + overlap(window, other), 0) > COVERED_MAX * area(window);
    };
    if (open.some((window) => !covered(window))) return;
    const shown = open.at(-1) ?? outputs.find((window) => window.state === "minimized") ?? outputs.at(-1);
    if (shown !== undefined) {
      setField(doc, ["windows", shown.id, "state"], "open");
      raise(doc, shown.id);
      return;
    }
    addWindow({ ...newWindow, type: "output", title: "Output", x: 344, y: 24, width: 640, height: 676 })(doc);
  };
}

/** Opens (in front), minimises or closes a window. The note of a closed note window stays in the document. */
export function setWindowState(id: string, state: WindowState): Command {
  return (doc) => {
    const change = setField(doc, ["windows", id, "state"], state);
    if (state === "open") raise(doc, id);
    return undoStep(STATE_LABEL[state], [change]);
  };
}

export function renameWindow(id: string, title: string): Command {
  return (doc) => undoStep("Rename window", [setField(doc, ["windows", id, "title"], title)]);
}

/** Sets parameters of a window's content, such as the seed of a pattern, from which every page draws the content. */
export function setWindowParameters(id: string, values: Readonly<Record<string, Plain>>): Command {
  return (doc) => {
    const raw = doc.windows?.[id];
    if (raw === undefined) return undefined;
    if (typeof raw.props !== "object" || raw.props === null) raw.props = {};
    const sets = Object.entries(values).map(([key, to]) => setField(doc, ["windows", id, "props", key], to));
    return undoStep("Change pattern", sets);
  };
}

/** Moves, resizes and opens many windows in one undo step (tile, cascade, reset). */
export function arrangeWindows(label: string, places: ReadonlyMap<string, Place>): Command {
  return (doc) => {
    const sets: (FieldSet | undefined)[] = [];
    for (const [id, place] of places) {
      sets.push(setField(doc, ["windows", id, "pos"], posOf(place.x, place.y)));
      sets.push(setField(doc, ["windows", id, "size"], sizeOf(place.width, place.height)));
      sets.push(setField(doc, ["windows", id, "state"], "open"));
    }
    return undoStep(label, sets);
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
      field === "title" ? "Pick title" : "Pick place",
      from === value ? [] : [{ path: ["windows", id, field], from, to: value }],
    );
  };
}
