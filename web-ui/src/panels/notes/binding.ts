import { Annotation, type ChangeSet, type EditorState, Transaction } from "@codemirror/state";
import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { differenceOf } from "../../room/text/changes";
import { HeldChanges } from "../../room/text/heldChanges";
import { toRawSplices, toShownChange } from "../../room/text/lineEnds";
import { OwnCaret } from "../../room/text/ownCaret";
import type { EditKind } from "../../room/text/ownEdits";
import type { SharedText, TextChange } from "../../room/text/sharedText";

/*
 * Keeps an editor and a shared text equal. This person's edits go into the document at once. Other people's edits come
 * into the editor as changes without a selection, since setting the selection would end a composition. CodeMirror then
 * leaves this person's caret before letters that another person types at it. While an input method composes, other
 * people's edits of that line are held, because a change there would end the composition.
 */

const fromDocument = Annotation.define<boolean>();

/** Whether a transaction shows a change of the document, and is not an edit of the person at this editor. */
export const isFromDocument = (transaction: Transaction): boolean =>
  transaction.annotation(fromDocument) === true;

const bindings = new WeakMap<EditorView, Binding>();

/** An extension that binds an editor to a shared text. The editor must be created with `text.shown.text`. */
export function bindTo(text: SharedText) {
  return ViewPlugin.define((view) => new Binding(view, text), {
    eventObservers: {
      compositionend() {
        this.releaseSoon();
      },
    },
  });
}

/** Converts a position in the editor to a position in the document's text. */
export const documentPosition = (view: EditorView, at: number): number =>
  bindings.get(view)?.toDocument(at) ?? at;

/** Converts a position in the document's text to a position in the editor; null while other people's edits are held. */
export const editorPosition = (view: EditorView, at: number): number | null => {
  const binding = bindings.get(view);
  return binding === undefined ? at : binding.toEditor(at);
};

class Binding implements PluginValue {
  readonly #held = new HeldChanges();
  readonly #caret = new OwnCaret();
  readonly #stop: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #compositions = 0;
  #mustReread = false;

  constructor(
    private readonly view: EditorView,
    private readonly text: SharedText,
  ) {
    this.#stop = text.subscribe((change) => this.#receive(change));
    bindings.set(view, this);
    this.#mustReread = view.state.doc.toString() !== text.shown.text;
    if (this.#mustReread) this.releaseSoon();
  }

  update(update: ViewUpdate): void {
    for (const transaction of update.transactions) {
      if (isFromDocument(transaction)) continue;
      if (transaction.docChanged) this.#write(transaction);
      if (transaction.docChanged || transaction.selection !== undefined) this.#caret.onPlaced();
    }
    if ((this.#held.hasChanges || this.#mustReread) && !this.view.compositionStarted) this.releaseSoon();
  }

  destroy(): void {
    this.#stop();
    clearTimeout(this.#timer);
    bindings.delete(this.view);
  }

  toDocument(at: number): number {
    return this.text.shown.toRaw(this.#held.position(at));
  }

  toEditor(at: number): number | null {
    return this.#held.hasChanges ? null : this.text.shown.toShown(at);
  }

  /**
   * Shows held changes in a separate task. After a composition, the editor reads the last letters of the input method
   * in a task of its own, which must run before.
   */
  releaseSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.view.compositionStarted) return;
      if (this.#mustReread) this.#reread();
      const change = this.#held.release();
      if (change !== null) this.#show(change);
    }, 0);
  }

  #write(transaction: Transaction): void {
    if (transaction.isUserEvent("input.type.compose.start")) this.#compositions++;
    const change = this.#held.local(transaction.changes);
    const { shown } = this.text;
    const lengthFits = change.length === shown.text.length;
    const splices = lengthFits ? toRawSplices(shown, change) : [];
    const kind = editKindOf(transaction, this.#compositions);
    if (!lengthFits || !this.text.edit({ splices, kind, editor: this })) this.#mustReread = true;
    else if (change.newLength !== this.text.shown.text.length || splices.some(hasReplacement))
      this.#mustReread = true;
    if (this.#mustReread) this.releaseSoon();
  }

  #receive({ before, after, change, origin }: TextChange): void {
    if (origin === this) return;
    const shown = toShownChange(before, after, change);
    if (shown.empty) return;
    const composing = this.view.compositionStarted && touchesLine(this.view.state, shown);
    if (this.#held.hasChanges || composing) this.#held.remote(shown);
    else this.#show(shown, origin === "undo");
  }

  #show(change: ChangeSet, isUndo = false): void {
    // An undo moves the caret to its change and scrolls there, if this editor has the focus.
    const undoneAt = isUndo && this.view.hasFocus ? endOf(change) : null;
    const anchor = undoneAt ?? this.#caretAfter(change);
    this.view.dispatch({
      changes: change,
      annotations: [fromDocument.of(true), Transaction.remote.of(true)],
      ...(anchor === null ? {} : { selection: { anchor } }),
      scrollIntoView: undoneAt !== null,
    });
  }

  /** The new position of this person's caret, or null if CodeMirror would move it there anyway. */
  #caretAfter(change: ChangeSet): number | null {
    const { main, ranges } = this.view.state.selection;
    if (!main.empty || ranges.length > 1) {
      this.#caret.onPlaced();
      return null;
    }
    const caret = this.#caret.follow(change, main.head);
    return caret === change.mapPos(main.head, -1) ? null : caret;
  }

  /**
   * Shows the document's text after an edit whose result differs from the document, for example because the text was
   * removed meanwhile.
   */
  #reread(): void {
    this.#mustReread = false;
    this.#held.release();
    const change = differenceOf(this.view.state.doc.toString(), this.text.shown.text);
    if (!change.empty) this.#show(change);
  }
}

const hasReplacement = ({ insert }: { readonly insert: string }): boolean => insert.includes("\ufffd");

function editKindOf(transaction: Transaction, compositions: number): EditKind {
  if (transaction.isUserEvent("input.type.compose")) return `compose ${compositions}`;
  if (transaction.isUserEvent("input.type")) return "insert";
  return transaction.isUserEvent("delete") ? "delete" : "other";
}

/** Whether a change touches the line of the caret. A composition is always in that line. */
function touchesLine(state: EditorState, change: ChangeSet): boolean {
  const line = state.doc.lineAt(state.selection.main.head);
  return change.touchesRange(line.from, line.to) !== false;
}

function endOf(change: ChangeSet): number | null {
  let end: number | null = null;
  change.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
    end = toB;
  });
  return end;
}
