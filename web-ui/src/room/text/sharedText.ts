import { type Patch, type Prop, splice } from "@automerge/automerge/slim";
import type { DocHandle, DocHandleChangePayload } from "@automerge/automerge-repo/slim";
import type { ChangeSet } from "@codemirror/state";
import { roomTexts } from "../../texts";
import { valueAt } from "../commands/command";
import type { RoomDoc } from "../schema/document";
import { str } from "../schema/scalars";
import { makeText } from "../schema/texts";
import {
  applied,
  changeOf,
  changeOfPatches,
  differenceOf,
  inverseOf,
  type Splice,
  splicesOf,
} from "./changes";
import type { History } from "./history";
import { ShownText } from "./lineEnds";
import type { EditKind } from "./ownEdits";

/** A change of one shared text, reported to the editors that show it. */
export interface TextChange {
  readonly before: ShownText;
  readonly after: ShownText;
  /** The change, in positions of the document's text. */
  readonly change: ChangeSet;
  /** The editor that made the change, `undo` for the room's history, or null for other people and programs. */
  readonly origin: object | "undo" | null;
}

/** An editor's edit of the document's text. */
export interface EditorEdit {
  readonly splices: readonly Splice[];
  readonly kind: EditKind;
  readonly editor: object;
}

/** The write of this page that is in progress while the document emits its change event. */
interface OwnWrite {
  readonly text: SharedText;
  readonly change: ChangeSet;
  readonly origin: object | "undo";
  readonly record: ((before: string) => void) | null;
}

/**
 * The shared texts of one room that were opened in this page. Each text follows the document even while no editor shows
 * it, so that the room's history can undo edits of it at any time.
 */
export class SharedTexts {
  readonly #texts = new Map<string, SharedText>();
  #writing: OwnWrite | null = null;

  constructor(
    private readonly handle: DocHandle<RoomDoc>,
    private readonly history: Pick<History, "recordText" | "rebase">,
    private readonly clock: () => number,
  ) {
    handle.on("change", this.#onChange);
  }

  /** The text at a path of the document. A missing text reads as empty. */
  at(path: readonly string[]): SharedText {
    const key = path.join("\n");
    const existing = this.#texts.get(key);
    if (existing !== undefined) return existing;
    const text: SharedText = new SharedText(path, new ShownText(this.#read(path)), (edit) =>
      this.#edit(text, edit),
    );
    this.#texts.set(key, text);
    return text;
  }

  /**
   * Applies an undo or redo of the room's history. Returns the inverse, or null if the change does not fit the text.
   */
  write(path: readonly string[], change: ChangeSet): ChangeSet | null {
    const text = this.at(path);
    const before = text.shown.raw;
    const written = this.#write({ text, change, origin: "undo", record: null });
    return written ? inverseOf(change, before) : null;
  }

  dispose(): void {
    this.handle.off("change", this.#onChange);
  }

  #edit(text: SharedText, { splices, kind, editor }: EditorEdit): boolean {
    const { path } = text;
    const change = changeOf(text.shown.raw.length, splices);
    const record = (before: string): void =>
      this.history.recordText({ label: labelOf(path), path, change, before, kind, now: this.clock() });
    return this.#write({ text, change, origin: editor, record });
  }

  /** Writes to the document. Returns whether its text is now exactly the earlier text with the change applied. */
  #write(writing: OwnWrite): boolean {
    const { text, change } = writing;
    if (change.length !== text.shown.raw.length) return false;
    if (change.empty) return true;
    const expected = applied(change, text.shown.raw);
    this.#writing = writing;
    try {
      this.handle.change((doc) => writeInto(doc as RoomDoc, text.path, change));
    } finally {
      this.#writing = null;
    }
    return text.shown.raw === expected;
  }

  readonly #onChange = ({ patches }: DocHandleChangePayload<RoomDoc>): void => {
    const writing = this.#writing;
    for (const text of this.#texts.values()) {
      const raw = this.#read(text.path);
      if (raw === text.shown.raw) continue;
      const before = text.shown;
      const own = writing?.text === text && applied(writing.change, before.raw) === raw ? writing : null;
      const change = own === null ? changeBetween(before.raw, raw, patches, text.path) : own.change;
      if (own === null) this.history.rebase(text.path, change);
      else own.record?.(before.raw);
      text.update(new ShownText(raw), change, own?.origin ?? null);
    }
  };

  #read(path: readonly string[]): string {
    return str(valueAt(this.handle.doc(), path));
  }
}

/**
 * The change from `before` to `after`: from the patches, which give the exact place, or else as the difference of the
 * two texts.
 */
function changeBetween(
  before: string,
  after: string,
  patches: readonly Patch[],
  path: readonly string[],
): ChangeSet {
  const change = changeOfPatches(patches, path, before.length);
  return change !== null && applied(change, before) === after ? change : differenceOf(before, after);
}

/** Applies a change to the document. A scalar first becomes a text, which may start with concurrent versions [RM10]. */
function writeInto(doc: RoomDoc, path: readonly string[], change: ChangeSet): void {
  const shown = str(valueAt(doc, path));
  if (!makeText(doc, path)) return;
  const offset = str(valueAt(doc, path)).length - shown.length;
  // From the last to the first, so that earlier positions stay valid. `splice` modifies the path array.
  for (const { from, to, insert } of splicesOf(change).reverse()) {
    splice(doc, [...path] as Prop[], offset + from, to - from, insert);
  }
}

function labelOf([first]: readonly string[]): string {
  if (first === "notes") return roomTexts.editNote;
  if (first === "cards") return roomTexts.editCard;
  return first === "title" ? roomTexts.editTitle : roomTexts.editSystemPrompt;
}

/** One text of the room that several people edit at once. Editors subscribe to its changes and write with `edit`. */
export class SharedText {
  readonly #listeners = new Set<(change: TextChange) => void>();

  constructor(
    readonly path: readonly string[],
    private current: ShownText,
    /**
     * Writes an edit to the document. Returns false if the document's text is now another than the editor shows, so
     * that the editor must reread it.
     */
    readonly edit: (edit: EditorEdit) => boolean,
  ) {}

  get shown(): ShownText {
    return this.current;
  }

  subscribe(listener: (change: TextChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  update(after: ShownText, change: ChangeSet, origin: TextChange["origin"]): void {
    const before = this.current;
    this.current = after;
    for (const listener of [...this.#listeners]) listener({ before, after, change, origin });
  }
}
