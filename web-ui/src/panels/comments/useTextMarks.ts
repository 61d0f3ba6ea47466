import { type RefObject, useEffect } from "react";
import { useRoom } from "../../room";
import { placeInAnswer, placeInText, textPathOf } from "../../room/anchors";
import type { CommentThread } from "../../room/schema/discussion";
import { FlatText } from "../marks/flatText";
import { drawOnChange, paint } from "../marks/paint";
import { isOpen, showComments, useThreadsOf } from "./view";

/**
 * Marks the commented places of a text that React draws, such as an answer. A click on a mark shows its comment. `text`
 * is the text as the document has it; the places are computed again when it or the comments change, and when the page
 * draws a further part of the text.
 */
export function useTextMarks(root: RefObject<HTMLElement | null>, target: string, text: string): void {
  const room = useRoom();
  const threads = useThreadsOf(target);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text has new places
  useEffect(() => {
    const element = root.current;
    const open = threads.filter((thread) => isOpen(thread) && thread.first.quoted !== "");
    if (element === null || open.length === 0) return;
    let marks: readonly (readonly [string, Range])[] = [];
    let clear = (): void => undefined;
    const draw = (): void => {
      clear();
      const flat = new FlatText(element);
      marks = open.flatMap(({ first }) => {
        const range = rangeOf(flat, first);
        return range === null ? [] : [[first.key, range] as const];
      });
      clear = paint(
        "comment",
        marks.map(([, range]) => range),
      );
    };
    const rangeOf = (flat: FlatText, first: CommentThread["first"]): Range | null => {
      const path = textPathOf(target);
      const place =
        path === null ? placeInAnswer(flat.text, first) : placeInText(room.handle.doc(), path, first);
      return place === null ? null : flat.range(place);
    };
    const stop = drawOnChange(element, draw);
    const onClick = (event: MouseEvent): void => {
      if (document.getSelection()?.isCollapsed === false) return;
      const hit = marks.find(([, range]) =>
        [...range.getClientRects()].some(
          ({ left, right, top, bottom }) =>
            event.clientX >= left &&
            event.clientX <= right &&
            event.clientY >= top &&
            event.clientY <= bottom,
        ),
      );
      if (hit !== undefined) showComments(room, { target, thread: hit[0] });
    };
    element.addEventListener("click", onClick);
    return () => {
      stop();
      element.removeEventListener("click", onClick);
      clear();
    };
  }, [root, room, target, threads, text]);
}
