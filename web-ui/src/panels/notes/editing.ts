import { defaultKeymap } from "@codemirror/commands";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";

type EditingOptions = {
  readonly singleLine: boolean;
  readonly onDone: () => void;
  /** Undo and redo of the room: an editor has no separate history. */
  readonly undo: () => void;
  readonly redo: () => void;
};

/**
 * Invisible characters that count as caret positions: the editor shows a sign for each. Tabs and line ends get none.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the purpose of this expression
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/gu;

/** The extensions of every text of a room: wrapping, undo, the usual keys, Escape to leave. Tab moves the focus on. */
export function baseExtensions({ singleLine, onDone, undo, redo }: EditingOptions): Extension {
  const leave = (view: EditorView): boolean => {
    // Escape and Enter that belong to an input method end the composition, not the editing.
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
    // Undo from a phone's keyboard and from the browser's menus.
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
    EditorView.contentAttributes.of({ spellcheck: "true", autocapitalize: "sentences" }),
  ];
}
