import * as A from "@automerge/automerge/slim";
import type { DocHandle } from "@automerge/automerge-repo/slim";
import type { RoomDoc } from "./schema/document";
import type { Source } from "./store";

export type WindowAction = "opened" | "closed" | "minimized" | "moved" | "resized" | "parameters" | "renamed";

/** A person's change of one window or, in one step, of several windows. */
export interface Activity {
  readonly key: string;
  readonly action: WindowAction;
  /** Window ids. */
  readonly windows: readonly string[];
  /** The identity that the change names. It is the author's own claim; empty if the change names no identity. */
  readonly by: string;
  /** Milliseconds since 1970, by the author's clock, in whole seconds. */
  readonly at: number;
}

/** The number of changes that are read at most, newest first, when the first listener subscribes. */
const HISTORY_CHANGES_MAX = 300;
const ENTRIES_MAX = 40;
/** A change with more operations is a paste or an import, not a manual change of a window. */
const OPERATIONS_MAX = 1_000;
/** An action that the same person repeats on the same windows within this time is one entry. */
const SAME_ENTRY_MS = 5 * 60_000;

/**
 * The list of recent window changes, newest first. It is derived from the document's history, so nothing is stored or
 * sent for it, and a person who was away gets the same list. The history is read only while a listener exists, because
 * each change must be inspected.
 */
export class WindowActivity implements Source<readonly Activity[]> {
  readonly #listeners = new Set<() => void>();
  #entries: readonly Activity[] = [];
  #readHeads: A.Heads = [];

  constructor(private readonly handle: Pick<DocHandle<RoomDoc>, "doc" | "on" | "off">) {}

  get = (): readonly Activity[] => this.#entries;

  subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.handle.on("change", this.#readNewChanges);
    this.#listeners.add(listener);
    this.#readNewChanges();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.handle.off("change", this.#readNewChanges);
    };
  };

  readonly #readNewChanges = (): void => {
    const doc = this.handle.doc() as A.Doc<RoomDoc>;
    const heads = A.getHeads(doc);
    if (heads.join() === this.#readHeads.join()) return;
    const newEntries = activitiesSince(doc, this.#readHeads);
    this.#readHeads = heads;
    if (newEntries.length === 0) return;
    this.#entries = newestFirst([...this.#entries, ...newEntries]);
    for (const listener of [...this.#listeners]) listener();
  };
}

/** The window changes after the heads `since`, in the order of the document's history. */
export function activitiesSince(doc: A.Doc<RoomDoc>, since: A.Heads): readonly Activity[] {
  const objects = windowObjectsOf(doc);
  return A.getChangesMetaSince(doc, since)
    .slice(-HISTORY_CHANGES_MAX)
    .filter((change) => change.maxOp - change.startOp < OPERATIONS_MAX)
    .flatMap((change) => {
      const inspected = A.inspectChange(doc, change.hash);
      return inspected === null ? [] : activitiesOf(inspected, objects);
    });
}

type WindowObjects = {
  /** The object id of the map of all windows. */
  readonly windowsMap: string | null;
  /** The window id of each window object in the document, by object id. */
  readonly windows: ReadonlyMap<string, string>;
  /** The window id of each parameters object in the document, by object id. */
  readonly parameters: ReadonlyMap<string, string>;
};

function windowObjectsOf(doc: RoomDoc): WindowObjects {
  const windows = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [id, raw] of Object.entries(doc.windows ?? {})) {
    const own = A.getObjectId(raw);
    const props = typeof raw?.props === "object" && raw.props !== null ? A.getObjectId(raw.props) : null;
    if (own !== null) windows.set(own, id);
    if (props !== null) parameters.set(props, id);
  }
  return { windowsMap: A.getObjectId(doc.windows ?? {}), windows, parameters };
}

type Change = NonNullable<ReturnType<typeof A.inspectChange>>;

function activitiesOf(change: Change, objects: WindowObjects): Activity[] {
  const created = new Set<string>();
  const windowsByAction = new Map<WindowAction, Set<string>>();
  const addAction = (action: WindowAction, window: string): void => {
    windowsByAction.set(action, (windowsByAction.get(action) ?? new Set()).add(window));
  };
  for (const op of change.ops) {
    if (op.obj === objects.windowsMap && op.action === "makeMap") {
      created.add(op.key);
      addAction("opened", op.key);
    }
    const parameters = objects.parameters.get(op.obj);
    const window = objects.windows.get(op.obj) ?? parameters;
    if (window === undefined || created.has(window)) continue;
    const action = parameters !== undefined ? "parameters" : actionOf(op.key, op.value);
    if (action !== null) addAction(action, window);
  }
  // A change that creates or imports a room adds windows without an author.
  const by = change.message ?? "";
  if (by === "") windowsByAction.delete("opened");
  return [...windowsByAction].map(([action, windows]) => ({
    key: `${change.hash}/${action}`,
    action,
    windows: [...windows],
    by,
    at: change.time * 1_000,
  }));
}

function actionOf(key: string, value: unknown): WindowAction | null {
  switch (key) {
    case "pos":
      return "moved";
    case "size":
      return "resized";
    case "props":
      return "parameters";
    case "title":
      return "renamed";
    case "state":
      return value === "closed" ? "closed" : value === "minimized" ? "minimized" : "opened";
    default:
      return null;
  }
}

/** Sorts entries by time, newest first. An action repeated within minutes becomes one entry with the latest time. */
export function newestFirst(all: readonly Activity[]): readonly Activity[] {
  const entries: Activity[] = [];
  for (const next of [...all].sort((a, b) => a.at - b.at)) {
    const earlier = entries.findIndex(
      (entry) =>
        entry.by === next.by &&
        entry.action === next.action &&
        entry.windows.join() === next.windows.join() &&
        next.at - entry.at < SAME_ENTRY_MS,
    );
    if (earlier >= 0) entries.splice(earlier, 1);
    entries.push(next);
  }
  return entries.reverse().slice(0, ENTRIES_MAX);
}
