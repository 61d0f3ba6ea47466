import { defaultKeymap } from "@codemirror/commands";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";
import { lineDirections } from "./direction";

type EditingOptions = {
  readonly singleLine: boolean;
  /** Whether the text is code, which has no sentences. */
  readonly code: boolean;
  readonly onDone: () => void;
  /** Undo and redo of the room's history: an editor has no separate history. */
  readonly undo: () => void;
  readonly redo: () => void;
};

/**
 * Invisible characters. The editor shows a symbol for each, because each is a caret position. Tabs and line ends are
 * not included.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the purpose of this expression
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/gu;

/** The extensions of every text editor: line wrapping, undo and the usual keys. Escape leaves; Tab moves the focus. */
export function baseExtensions({ singleLine, code, onDone, undo, redo }: EditingOptions): Extension {
  const leave = (view: EditorView): boolean => {
    // During a composition, Escape and Enter belong to the input method.
    if (view.composing) return false;
    view.contentDOM.blur();
    onDone();
    return true;
  };
  const keyCommand = (action: () => void) => (view: EditorView) => {
    if (!view.compositionStarted) action();
    return true;
  };
  return [
    Prec.high(
      keymap.of([
        { key: "Escape", run: leave },
        ...(singleLine ? [{ key: "Enter", run: leave }] : []),
        { key: "Mod-z", run: keyCommand(undo), shift: keyCommand(redo), preventDefault: true },
        { key: "Mod-y", run: keyCommand(redo), preventDefault: true },
      ]),
    ),
    // Undo and redo from a phone's keyboard and from the browser's menus.
    EditorView.domEventHandlers({
      beforeinput(event) {
        const action = { historyUndo: undo, historyRedo: redo }[event.inputType];
        if (action === undefined) return false;
        event.preventDefault();
        action();
        return true;
      },
    }),
    keymap.of(defaultKeymap),
    highlightSpecialChars({ specialChars: INVISIBLE }),
    EditorView.lineWrapping,
    code ? [] : lineDirections,
    EditorView.contentAttributes.of({
      // A text that this person may only read is in the tab order too: the keyboard scrolls it.
      tabindex: "0",
      spellcheck: String(!code),
      autocapitalize: code ? "off" : "sentences",
      ...(code ? { autocorrect: "off" } : {}),
    }),
  ];
}
