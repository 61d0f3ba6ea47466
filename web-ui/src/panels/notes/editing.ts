import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { EditorState, type Extension, Prec, Transaction } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

/**
 * The binding applies others' edits as plain transactions, which the undo history would take for own ones. Own edits carry
 * a user event ("input", "delete", "undo"); what changes the text without one came from elsewhere and is kept out of the
 * history, which then only moves its own steps along.
 */
export const onlyOwnUndo: Extension = EditorState.transactionExtender.of((transaction) =>
  transaction.docChanged && transaction.annotation(Transaction.userEvent) === undefined
    ? { annotations: Transaction.addToHistory.of(false) }
    : null,
);

type Basics = { readonly singleLine: boolean; readonly onDone: () => void };

/** What every text of a room has: wrapping, undo, the usual keys, Escape to leave. Tab moves the focus on. */
export function basics({ singleLine, onDone }: Basics): Extension {
  const leave = (view: EditorView): boolean => {
    // Escape and Enter that belong to an input method end the composition, not the editing.
    if (view.composing) return false;
    view.contentDOM.blur();
    onDone();
    return true;
  };
  return [
    history({ newGroupDelay: 600 }),
    Prec.high(
      keymap.of([{ key: "Escape", run: leave }, ...(singleLine ? [{ key: "Enter", run: leave }] : [])]),
    ),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ spellcheck: "true", autocapitalize: "sentences" }),
  ];
}
