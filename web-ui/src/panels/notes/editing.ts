import { defaultKeymap } from "@codemirror/commands";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";

type Basics = {
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
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/gu;

/** The extensions of every text of a room: wrapping, undo, the usual keys, Escape to leave. Tab moves the focus on. */
export function basics({ singleLine, onDone, undo, redo }: Basics): Extension {
  const leave = (view: EditorView): boolean => {
    // Escape and Enter that belong to an input method end the composition, not the editing.
    if (view.composing) return false;
    view.contentDOM.blur();
    onDone();
    return true;
  };
  const turn = (way: () => void) => (view: EditorView) => {
    if (!view.compositionStarted) way();
    return true;
  };
  return [
    Prec.high(
      keymap.of([
        { key: "Escape", run: leave },
        ...(singleLine ? [{ key: "Enter", run: leave }] : []),
        { key: "Mod-z", run: turn(undo), shift: turn(redo), preventDefault: true },
        { key: "Mod-y", run: turn(redo), preventDefault: true },
      ]),
    ),
    // Undo from a phone's keyboard and from the browser's menus.
    EditorView.domEventHandlers({
      beforeinput(event) {
        const way = { historyUndo: undo, historyRedo: redo }[event.inputType];
        if (way === undefined) return false;
        event.preventDefault();
        way();
        return true;
      },
    }),
    keymap.of(defaultKeymap),
    highlightSpecialChars({ specialChars: UNSEEN }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ spellcheck: "true", autocapitalize: "sentences" }),
  ];
}
