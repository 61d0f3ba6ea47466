/** The blocks between which a copied text has a line break. */
const BLOCKS = "p, li, h1, h2, h3, h4, h5, h6, pre, tr, blockquote, figure, div";
/** Parts of an answer that belong to the page and not to its text. */
const OURS = "button, figcaption, [aria-hidden='true'], .p-by";

/** The text of an element as a person reads it, with the place of each text node in it. */
export class FlatText {
  readonly text: string;
  readonly #nodes: readonly { readonly node: Text; readonly start: number }[];

  constructor(root: Element) {
    const nodes: { node: Text; start: number }[] = [];
    let text = "";
    let lastBlock: Element | null = null;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (
      let node = walker.nextNode() as Text | null;
      node !== null;
      node = walker.nextNode() as Text | null
    ) {
      const parent = node.parentElement;
      if (node.data === "" || parent === null || parent.closest(OURS) !== null) continue;
      const block = parent.closest(BLOCKS);
      const isCell = parent.closest("td, th") !== null;
      if (node.data.trim() === "" && parent === block && block?.tagName !== "PRE") continue;
      if (lastBlock !== null && block !== lastBlock && text !== "" && !text.endsWith("\n")) text += "\n";
      else if (isCell && text !== "" && !/\s$/.test(text)) text += " ";
      lastBlock = block;
      nodes.push({ node, start: text.length });
      text += node.data;
    }
    this.text = text;
    this.#nodes = nodes;
  }

  /** The part of the text that a selection covers. */
  within(range: Range): { readonly from: number; readonly to: number } | null {
    let from = -1;
    let to = -1;
    for (const { node, start } of this.#nodes) {
      if (!range.intersectsNode(node)) continue;
      const first = node === range.startContainer ? range.startOffset : 0;
      const last = node === range.endContainer ? range.endOffset : node.length;
      if (last <= first) continue;
      if (from < 0) from = start + first;
      to = start + last;
    }
    return from < 0 ? null : { from, to };
  }

  /** The range of the page that shows a part of the text; null if it shows none. */
  range({ from, to }: { readonly from: number; readonly to: number }): Range | null {
    const first = this.#nodes.findLast(({ start }) => start <= from);
    const last = this.#nodes.findLast(({ start }) => start < to);
    if (first === undefined || last === undefined) return null;
    const range = document.createRange();
    range.setStart(first.node, Math.min(first.node.length, from - first.start));
    range.setEnd(last.node, Math.min(last.node.length, to - last.start));
    return range;
  }
}
