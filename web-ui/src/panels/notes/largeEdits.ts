import type { Transaction } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { holdPage } from "../../page/leaving";
import type { RoomSession } from "../../room";
import { LARGE_EDIT, sizeOf, writeLargeEdit } from "../../room/text/largeEdit";
import { toRawSplices } from "../../room/text/lineEnds";
import type { SharedText } from "../../room/text/sharedText";
import { notesTexts } from "../../texts";
import { isFromDocument } from "./binding";

/** From this number of letters, a message says that the edit takes a while. */
const TOLD_FROM = 200_000;

/**
 * Writes a person's large edit, such as a long paste, to the document in parts. The editor then shows the parts as they
 * are written, instead of the transaction. Returns false for every other transaction.
 */
export function takesOver(
  room: RoomSession,
  text: SharedText,
  transaction: Transaction,
  view: EditorView,
): boolean {
  if (!transaction.docChanged || isFromDocument(transaction)) return false;
  const { changes } = transaction;
  if (Math.max(changes.length, changes.newLength) < LARGE_EDIT || changes.length !== text.shown.text.length)
    return false;
  const splices = toRawSplices(text.shown, changes);
  const [splice] = splices;
  const size = sizeOf(splices);
  if (splice === undefined || splices.length > 1 || size < LARGE_EDIT) return false;
  if (size >= TOLD_FROM) room.notify(notesTexts.changeCharactersTakesWhileCan(size.toLocaleString("en-GB")));
  // The rest of an edit that is written is lost when the page is left.
  const release = holdPage();
  writeLargeEdit(text, splice, {
    later: (call, millis) => void setTimeout(call, millis),
    clock: () => performance.now(),
    onEnd: (end) => {
      release();
      if (size >= TOLD_FROM) room.announce(notesTexts.theChangeIsComplete);
      if (view.dom.isConnected && view.hasFocus)
        view.dispatch({ selection: { anchor: text.shown.toShown(end) }, scrollIntoView: true });
    },
  });
  return true;
}
