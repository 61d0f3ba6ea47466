import type { RoomSession } from "../../room";
import { cursorsOf, textPathOf } from "../../room/anchors";
import type { Anchor } from "../../room/commands/discussion";
import { LIMITS } from "../../room/schema/document";
import { beginning } from "../../room/schema/scalars";
import { FlatText } from "../marks/flatText";
import { editorAt, type OpenEditor } from "../notes/openEditors";

/** The attribute of an element whose text can be quoted: it names the target of the text. */
export const QUOTABLE = "data-quotable";

/** A text that this person has selected. It stays as it was selected, also when the page draws the text again. */
export type Selected = {
  readonly target: string;
  readonly text: string;
  /** The place in a shared text or in an answer. */
  readonly from: number;
  readonly to: number;
  readonly root: Element;
};

/** The selection of the page, if it is within one quotable text; else null. */
export function readSelection(): Selected | null {
  const selection = document.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const root = elementOf(range.commonAncestorContainer)?.closest(`[${QUOTABLE}]`) ?? null;
  const target = root?.getAttribute(QUOTABLE) ?? "";
  if (root === null || target === "") return null;
  const editor = editorAt(elementOf(range.commonAncestorContainer));
  if (editor !== null) return inEditor(editor, target, root);
  const flat = new FlatText(root);
  const place = flat.within(range);
  if (place === null) return null;
  const text = flat.text.slice(place.from, place.to);
  return text.trim() === "" ? null : { target, text, ...place, root };
}

function inEditor(editor: OpenEditor, target: string, root: Element): Selected | null {
  const selected = editor.selected();
  return selected.text.trim() === "" ? null : { target, ...selected, root };
}

const elementOf = (node: Node): Element | null => (node instanceof Element ? node : node.parentElement);

/** The place of a comment on a selected text [CM2]. */
export function anchorOf(room: RoomSession, { target, text, from, to }: Selected): Anchor {
  const quoted = beginning(text, LIMITS.commentQuote);
  const path = textPathOf(target);
  if (path === null) return { target, quoted, start: String(from), end: String(to - 1) };
  return { target, quoted, ...cursorsOf(room.handle.doc(), path, { from, to }) };
}

/** The visible box of a selection in the page; null if it is not drawn now. */
export function boxOf(selected: Selected): DOMRect | null {
  const selection = document.getSelection();
  if (selection !== null && !selection.isCollapsed && selection.rangeCount > 0) {
    const range = selection.getRangeAt(0);
    if (selected.root.contains(range.commonAncestorContainer)) return visibleBox(range);
  }
  const range = selected.root.isConnected ? new FlatText(selected.root).range(selected) : null;
  return range === null ? null : visibleBox(range);
}

function visibleBox(range: Range): DOMRect | null {
  const rects = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
  const visible = rects.filter(({ top, bottom }) => bottom > 0 && top < window.innerHeight);
  const [first] = visible;
  if (first === undefined) return null;
  const left = Math.min(...visible.map((rect) => rect.left));
  const right = Math.max(...visible.map((rect) => rect.right));
  const bottom = Math.max(...visible.map((rect) => rect.bottom));
  return new DOMRect(left, first.top, right - left, bottom - first.top);
}
