import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { type RefObject, useEffect } from "react";
import { useDoc, useRoom } from "../../room";
import { placeInText } from "../../room/anchors";
import { readNote } from "../../room/schema/read";
import { isOpen, showComments, useThreadsOf } from "../comments/view";
import { editorPosition } from "./binding";

type NoteMark = { readonly from: number; readonly to: number; readonly key: string };

const setMarks = StateEffect.define<readonly NoteMark[]>();

const marksField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      next = Decoration.set(
        effect.value.map(({ from, to, key }) =>
          Decoration.mark({ class: "comment-mark", attributes: { "data-comment": key } }).range(from, to),
        ),
        true,
      );
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/**
 * Marks the commented places of a note in its editor. A click on a mark shows its comment.
 *
 * @param editor changes whenever there is a new editor, which has no marks yet
 */
export function useNoteMarks(host: RefObject<HTMLElement | null>, note: string | null, editor: string): void {
  const room = useRoom();
  const threads = useThreadsOf(`note:${note ?? ""}`);
  const text = useDoc((doc) => (note === null ? "" : readNote(doc, note)));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the cursors have new positions in a new text, and a new editor has no marks
  useEffect(() => {
    const element = host.current?.querySelector<HTMLElement>(".cm-editor") ?? null;
    const view = element === null ? null : EditorView.findFromDOM(element);
    if (view === null || note === null) return;
    const hasField = view.state.field(marksField, false) !== undefined;
    const open = threads.filter(isOpen);
    if (open.length === 0 && !hasField) return;
    const marks = open.flatMap(({ first }): readonly NoteMark[] => {
      const place = placeInText(room.handle.doc(), ["notes", note, "text"], first);
      if (place === null) return [];
      const from = editorPosition(view, place.from);
      const to = editorPosition(view, place.to);
      const { length } = view.state.doc;
      return from === null || to === null || from >= to || to > length ? [] : [{ from, to, key: first.key }];
    });
    view.dispatch({
      effects: [...(hasField ? [] : [StateEffect.appendConfig.of(marksField)]), setMarks.of(marks)],
    });
  }, [room, note, threads, text, host, editor]);
  useEffect(() => {
    const element = host.current;
    if (element === null || note === null) return;
    const onClick = (event: MouseEvent): void => {
      if (document.getSelection()?.isCollapsed === false || !(event.target instanceof Element)) return;
      const key = event.target.closest("[data-comment]")?.getAttribute("data-comment");
      if (key) showComments(room, { target: `note:${note}`, thread: key });
    };
    element.addEventListener("click", onClick);
    return () => element.removeEventListener("click", onClick);
  }, [room, note, host]);
}
