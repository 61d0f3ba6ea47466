import * as A from "@automerge/automerge/slim";
import { valueAt } from "./commands/command";
import type { RoomDoc } from "./schema/document";
import { str } from "./schema/scalars";
import { changeOfPatches } from "./text/changes";
import type { History, StoredHistory } from "./text/history";

/** The largest history that is kept, in characters of JSON. Of a larger history, the oldest steps are left out. */
const CHARACTERS_MAX = 1_000_000;

interface Kept extends StoredHistory {
  readonly version: 1;
  /** The document for which the positions of the steps count. */
  readonly heads: A.Heads;
}

/** The storage of a tab: `sessionStorage`, which survives a reload and ends with the tab. */
export type TabStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Keeps a history, so that undo works after a reload of this tab. A failure to write keeps nothing. */
export function keepHistory(
  history: History,
  doc: A.Doc<RoomDoc>,
  key: string,
  storage: TabStorage,
  charactersMax = CHARACTERS_MAX,
): void {
  const lengthOf = (path: readonly string[]): number => str(valueAt(doc, path)).length;
  try {
    let kept: Kept = { version: 1, heads: A.getHeads(doc), ...history.toStored(lengthOf) };
    let json = JSON.stringify(kept);
    while (json.length > charactersMax && kept.undo.length > 0) {
      kept = { ...kept, ...newestHalf(kept) };
      json = JSON.stringify(kept);
    }
    if (kept.undo.length + kept.redo.length === 0) storage.removeItem(key);
    else storage.setItem(key, json);
  } catch {
    // No storage or no space: the steps end with this page.
  }
}

/** The newest half of the steps that can be undone, without the steps that can be redone. */
function newestHalf({ undo, texts }: StoredHistory): StoredHistory {
  const kept = undo.slice(Math.ceil(undo.length / 2));
  const countOf = (path: readonly string[]): number =>
    kept.filter((step) => step.kind === "text" && step.path.join() === path.join()).length;
  return {
    undo: kept,
    redo: [],
    texts: texts
      .map(({ path, length, edits: { done } }) => ({
        path,
        length,
        edits: { done: done.slice(done.length - countOf(path)), undone: [] },
      }))
      .filter(({ edits }) => edits.done.length > 0),
  };
}

/** The storage of this tab, or null if the browser forbids it. */
export function tabStorage(): TabStorage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/**
 * Takes over the history that this tab kept. The texts may have changed meanwhile, so the steps are rebased on these
 * changes. The steps of a text whose changes are unknown are dropped. Returns the paths of the texts with steps.
 */
export function restoreHistory(
  history: History,
  doc: A.Doc<RoomDoc>,
  key: string,
  storage: TabStorage,
): readonly (readonly string[])[] {
  try {
    const json = storage.getItem(key);
    if (json === null) return [];
    const kept = JSON.parse(json) as Kept;
    if (kept.version !== 1 || !A.hasHeads(doc, kept.heads)) return [];
    const patches = A.diff(doc, kept.heads, A.getHeads(doc));
    history.restore(kept, (path, length) => changeOfPatches(patches, path, length));
    return kept.texts.map(({ path }) => path);
  } catch {
    // A damaged or older history is no history.
    return [];
  }
}
