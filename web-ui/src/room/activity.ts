import * as A from "@automerge/automerge/slim";
import type { DocHandle } from "@automerge/automerge-repo/slim";
import type { RoomDoc } from "./schema/document";
import type { Source } from "./store";

export type WindowDeed = "opened" | "closed" | "minimized" | "moved" | "resized" | "parameters" | "renamed";

/** A person's change of one window or, in one step, of several windows. */
export interface Activity {
  readonly key: string;
  readonly deed: WindowDeed;
  /** Window ids. */
  readonly windows: readonly string[];
  /** The identity that the change names. It is the author's own claim; empty if the change names no identity. */
  readonly by: string;
  /** Milliseconds since 1970, by the author's clock, in whole seconds. */
  readonly at: number;
}

/** The number of changes that are read when the first listener subscribes. */
const LOOK_BACK_MAX = 300;
const KEPT_MAX = 40;
/** A change with more operations is a paste or an import, not a manual change of a window. */
const OPERATIONS_MAX = 1_000;
/** The same action on the same window within this time is one entry. */
const ONE_LINE_MS = 5 * 60_000;

/**
 * The changes of windows, newest first, derived from the document's own history: nothing is stored or sent for them,
 * and a person who was away reads the same. The history is read only while a listener exists, since that costs a look
 * at each change.
 */
export class WindowActivity implements Source<readonly Activity[]> {
  readonly #listeners = new Set<() => void>();
  #list: readonly Activity[] = [];
  #seen: A.Heads = [];

  constructor(private readonly handle: Pick<DocHandle<RoomDoc>, "doc" | "on" | "off">) {}

  get = (): readonly Activity[] => this.#list;

  subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.handle.on("change", this.#look);
    this.#listeners.add(listener);
    this.#look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.handle.off("change", this.#look);
    };
  };

  readonly #look = (): void => {
    const doc = this.handle.doc() as A.Doc<RoomDoc>;
    const heads = A.getHeads(doc);
    if (heads.join() === this.#seen.join()) return;
    const found = deedsSince(doc, this.#seen);
    this.#seen = heads;
    if (found.length === 0) return;
    this.#list = newestFirst([...this.#list, ...found]);
    for (const listener of [...this.#listeners]) listener();
  };
}

/** The window changes after `seen`, in the order of the document's history. */
export function deedsSince(doc: A.Doc<RoomDoc>, seen: A.Heads): readonly Activity[] {
  const places = placesOf(doc);
  return A.getChangesMetaSince(doc, seen)
    .slice(-LOOK_BACK_MAX)
    .filter((change) => change.maxOp - change.startOp < OPERATIONS_MAX)
    .flatMap((change) => {
      const whole = A.inspectChange(doc, change.hash);
      return whole === null ? [] : deedsOf(whole, places);
    });
}

type Places = {
  readonly root: string | null;
  /** The window of an object in the document, also if the object is the window's parameters. */
  readonly windows: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
};

function placesOf(doc: RoomDoc): Places {
  const windows = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [id, raw] of Object.entries(doc.windows ?? {})) {
    const own = A.getObjectId(raw);
    const props = typeof raw?.props === "object" && raw.props !== null ? A.getObjectId(raw.props) : null;
    if (own !== null) windows.set(own, id);
    if (props !== null) parameters.set(props, id);
  }
  return { root: A.getObjectId(doc.windows ?? {}), windows, parameters };
}

type Change = NonNullable<ReturnType<typeof A.inspectChange>>;

function deedsOf(change: Change, places: Places): Activity[] {
  const made = new Set<string>();
  const deeds = new Map<WindowDeed, Set<string>>();
  const did = (deed: WindowDeed, window: string): void => {
    deeds.set(deed, (deeds.get(deed) ?? new Set()).add(window));
  };
  for (const op of change.ops) {
    if (op.obj === places.root && op.action === "makeMap") {
      made.add(op.key);
      did("opened", op.key);
    }
    const parameters = places.parameters.get(op.obj);
    const window = places.windows.get(op.obj) ?? parameters;
    if (window === undefined || made.has(window)) continue;
    const deed = parameters !== undefined ? "parameters" : deedOf(op.key, op.value);
    if (deed !== null) did(deed, window);
  }
  // A change that creates or imports a room adds windows without an author.
  const by = change.message ?? "";
  if (by === "") deeds.delete("opened");
  return [...deeds].map(([deed, windows]) => ({
    key: `${change.hash}/${deed}`,
    deed,
    windows: [...windows],
    by,
    at: change.time * 1_000,
  }));
}

function deedOf(key: string, value: unknown): WindowDeed | null {
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

/** By time. Entries that repeat within minutes become one entry with the last time. */
export function newestFirst(all: readonly Activity[]): readonly Activity[] {
  const lines: Activity[] = [];
  for (const next of [...all].sort((a, b) => a.at - b.at)) {
    const again = lines.findIndex(
      (line) =>
        line.by === next.by &&
        line.deed === next.deed &&
        line.windows.join() === next.windows.join() &&
        next.at - line.at < ONE_LINE_MS,
    );
    if (again >= 0) lines.splice(again, 1);
    lines.push(next);
  }
  return lines.reverse().slice(0, KEPT_MAX);
}
