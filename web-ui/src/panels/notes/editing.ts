import { defaultKeymap } from "@codemirror/commands";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";

type Basics = {
  readonly singleLine: boolean;
  readonly onDone: () => void;
  /** Undo and redo of the room: texts have no history of their own. */
  readonly undo: () => void;
  readonly redo: () => void;
};

/** Characters that cannot be seen but count as places of the caret: they get a sign. Tabs and line ends do not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/gu;

/** What every text of a room has: wrapping, undo, the usual keys, Escape to leave. Tab moves the focus on. */
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
    // Undo of a phone's keyboard and of the browser's menus.
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
