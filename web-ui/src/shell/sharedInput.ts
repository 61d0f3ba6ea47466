import type { ChangeSet } from "@codemirror/state";
import { applied, changeOf, differenceOf, inWholeCharacters, splicesOf } from "../room/text/changes";
import { HeldChanges } from "../room/text/heldChanges";
import { OwnCaret } from "../room/text/ownCaret";
import type { EditKind } from "../room/text/ownEdits";
import type { SharedText, TextChange } from "../room/text/sharedText";
import { typedEdit } from "./typedEdit";

export interface SharedInputOptions {
  readonly input: HTMLInputElement;
  readonly text: SharedText;
  /** Converts the document's text to the field's text. Positions must stay the same; the end may be truncated. */
  readonly show: (raw: string) => string;
  readonly undo: () => void;
  readonly redo: () => void;
}

/**
 * Binds an input field to a shared text, by the same rules as the editors. This person's edits go into the document at
 * once. This person's caret stays before letters that another person types at it. Other people's edits are held while
 * an input method composes.
 */
export class SharedInput {
  readonly #input: HTMLInputElement;
  readonly #held = new HeldChanges();
  readonly #caret = new OwnCaret();
  readonly #listening = new AbortController();
  readonly #stop: () => void;
  /** The document's text without the held changes. */
  #base: string;
  #composing = false;
  #compositions = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: SharedInputOptions) {
    const { input, text, show } = options;
    this.#input = input;
    this.#base = text.shown.raw;
    input.value = show(this.#base);
    this.#stop = text.subscribe((change) => this.#receive(change));
    this.#listen();
  }

  dispose(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#listening.abort();
  }

  #listen(): void {
    const { signal } = this.#listening;
    const input = this.#input;
    input.addEventListener("input", (event) => this.#write(event), { signal });
    input.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    // Undo and redo from a phone's keyboard and from the browser's menus.
    input.addEventListener("beforeinput", (event) => this.#beforeInput(event), { signal });
    input.addEventListener("pointerdown", () => this.#caret.onPlaced(), { signal });
    input.addEventListener("focus", () => this.#caret.onPlaced(), { signal });
    input.addEventListener(
      "compositionstart",
      () => {
        this.#composing = true;
        this.#compositions++;
      },
      { signal },
    );
    input.addEventListener(
      "compositionend",
      () => {
        this.#composing = false;
        // Some browsers report the last letters after the `compositionend` event.
        this.#timer ??= setTimeout(() => this.#release(), 0);
      },
      { signal },
    );
  }

  #write(event: Event): void {
    const { text, show } = this.options;
    const { value, selectionEnd } = this.#input;
    this.#caret.onPlaced();
    const edit = typedEdit(show(this.#base), value, selectionEnd ?? value.length);
    const change = changeOf(this.#base.length, [inWholeCharacters(edit, this.#base)]);
    const shared = this.#held.local(change);
    const kind = editKindOf(event, this.#compositions);
    const lengthFits = shared.length === text.shown.raw.length;
    const accepted = lengthFits && text.edit({ splices: splicesOf(shared), kind, editor: this });
    if (accepted) this.#base = applied(change, this.#base);
    else {
      this.#base = text.shown.raw;
      this.#held.release();
    }
    if (!this.#composing) this.#draw(...this.#selection());
  }

  #receive({ change, origin }: TextChange): void {
    if (origin === this) return;
    if (this.#composing || this.#held.hasChanges) this.#held.remote(change);
    else this.#follow(change, origin === "undo");
  }

  #release(): void {
    this.#timer = undefined;
    if (this.#composing) return;
    const change = this.#held.release();
    if (change !== null) this.#follow(change);
    const { raw } = this.options.text.shown;
    if (this.#base !== raw) this.#follow(differenceOf(this.#base, raw));
    this.#draw(...this.#selection());
  }

  #follow(change: ChangeSet, isUndo = false): void {
    const [start, end] = this.#selection();
    let [from, to] = [change.mapPos(start, 1), change.mapPos(end, -1)];
    if (start === end) {
      to = this.#caret.follow(change, start);
      from = to;
    } else this.#caret.onPlaced();
    if (isUndo) {
      change.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
        [from, to] = [toB, toB];
      });
    }
    this.#base = applied(change, this.#base);
    this.#draw(from, Math.max(from, to));
  }

  #draw(start: number, end: number): void {
    const value = this.options.show(this.#base);
    if (this.#input.value === value) return;
    this.#input.value = value;
    if (document.activeElement === this.#input) this.#input.setSelectionRange(start, end);
  }

  #selection(): [number, number] {
    return [this.#input.selectionStart ?? 0, this.#input.selectionEnd ?? 0];
  }

  #onKey(event: KeyboardEvent): void {
    this.#caret.onPlaced();
    if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.options.redo();
    else this.options.undo();
  }

  #beforeInput(event: InputEvent): void {
    const action = { historyUndo: this.options.undo, historyRedo: this.options.redo }[event.inputType];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }
}

function editKindOf(event: Event, compositions: number): EditKind {
  const type = event instanceof InputEvent ? event.inputType : "";
  if (type === "insertCompositionText") return `compose ${compositions}`;
  if (type === "insertText") return "insert";
  return type.startsWith("delete") ? "delete" : "other";
}
