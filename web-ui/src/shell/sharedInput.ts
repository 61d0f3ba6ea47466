import { applied, changeOf, differenceOf, inWholeCharacters, splicesOf } from "../room/text/changes";
import { Held } from "../room/text/held";
import type { EditKind } from "../room/text/ownEdits";
import type { SharedText, TextChange } from "../room/text/sharedText";
import { typed } from "./caret";

export interface SharedInput {
  readonly input: HTMLInputElement;
  readonly text: SharedText;
  /** How the field shows the document's text. Every unit keeps its place; units may be missing at the end. */
  readonly show: (raw: string) => string;
  readonly undo: () => void;
  readonly redo: () => void;
}

/**
 * Binds a plain field to a shared text, with the rules of the editors: own edits go into the document at once, the own caret
 * stays before letters that another person types at it, and others' edits wait while an input method composes.
 */
export function bindInput({ input, text, show, undo, redo }: SharedInput): () => void {
  const held = new Held();
  const editor = {};
  let base = text.shown.raw;
  let composing = false;
  let compositions = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = (start: number, end: number): void => {
    const value = show(base);
    if (input.value === value) return;
    input.value = value;
    if (document.activeElement === input) input.setSelectionRange(start, end);
  };

  const caret = (): [number, number] => [input.selectionStart ?? 0, input.selectionEnd ?? 0];

  const onInput = (event: Event): void => {
    const edit = typed(show(base), input.value, input.selectionEnd ?? input.value.length);
    const change = changeOf(base.length, [inWholeCharacters(edit, base)]);
    const kind = kindOf(event, compositions);
    const shared = held.local(change);
    const splices = splicesOf(shared).map((splice) => inWholeCharacters(splice, text.shown.raw));
    const exact = shared.length === text.shown.raw.length && text.edit({ splices, kind, editor });
    base = exact ? applied(change, base) : text.shown.raw;
    if (!exact) held.release();
    if (!composing) draw(...caret());
  };

  const follow = ({ change, origin }: Pick<TextChange, "change" | "origin">): void => {
    const [start, end] = caret();
    let [from, to] =
      start === end
        ? [change.mapPos(start, -1), change.mapPos(end, -1)]
        : [change.mapPos(start, 1), change.mapPos(end, -1)];
    if (origin === "undo") {
      change.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
        [from, to] = [toB, toB];
      });
    }
    base = applied(change, base);
    draw(from, Math.max(from, to));
  };

  const receive = (change: TextChange): void => {
    if (change.origin === editor) return;
    if (composing || held.waiting) held.remote(change.change);
    else follow(change);
  };

  const release = (): void => {
    timer = undefined;
    if (composing) return;
    const change = held.release();
    if (change !== null) follow({ change, origin: null });
    const [start, end] = caret();
    if (base !== text.shown.raw) follow({ change: differenceOf(base, text.shown.raw), origin: null });
    draw(start, end);
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  };

  const onBeforeInput = (event: InputEvent): void => {
    const way = { historyUndo: undo, historyRedo: redo }[event.inputType];
    if (way === undefined) return;
    event.preventDefault();
    way();
  };

  const onStart = (): void => {
    composing = true;
    compositions++;
  };
  const onEnd = (): void => {
    composing = false;
    // Some browsers tell the last letters after the end of the composition.
    timer ??= setTimeout(release, 0);
  };

  input.value = show(base);
  const stop = text.subscribe(receive);
  input.addEventListener("input", onInput);
  input.addEventListener("keydown", onKey);
  input.addEventListener("beforeinput", onBeforeInput);
  input.addEventListener("compositionstart", onStart);
  input.addEventListener("compositionend", onEnd);
  return () => {
    stop();
    clearTimeout(timer);
    input.removeEventListener("input", onInput);
    input.removeEventListener("keydown", onKey);
    input.removeEventListener("beforeinput", onBeforeInput);
    input.removeEventListener("compositionstart", onStart);
    input.removeEventListener("compositionend", onEnd);
  };
}

function kindOf(event: Event, compositions: number): EditKind {
  const type = event instanceof InputEvent ? event.inputType : "";
  if (type === "insertCompositionText") return `compose ${compositions}`;
  if (type === "insertText") return "insert";
  return type.startsWith("delete") ? "delete" : "other";
}
