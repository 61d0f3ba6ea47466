import type { EditorView } from "@codemirror/view";

/** A part of the text of a document, in UTF-16 units. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** What the rest of the page does with an editor. The code of the editor is loaded later than this file. */
export interface OpenEditor {
  /** The selected text, and its place in the document. */
  selected(): TextRange & { readonly text: string };
  /** Selects a range of the document, or else the first occurrence of the words, and scrolls to it. */
  show(range: TextRange | undefined, words: string): void;
}

const editors = new WeakMap<Element, OpenEditor>();

/** Makes an editor known by its element. */
export function registerEditor({ dom }: EditorView, editor: OpenEditor): void {
  editors.set(dom, editor);
}

/** The editor that has this element or contains it, or null. */
export function editorAt(element: Element | null): OpenEditor | null {
  const dom = element?.closest(".cm-editor") ?? null;
  return dom === null ? null : (editors.get(dom) ?? null);
}
