import { type Extension, RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

const auto = Decoration.line({ attributes: { dir: "auto" } });

/** Marks the lines in view, so that a long text costs no more than a short one. */
export function directionsOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      builder.add(line.from, line.from, auto);
      at = line.to + 1;
    }
  }
  return builder.finish();
}

/** Each line of a text has the direction of its first letter, and the caret moves in that direction. */
export const lineDirections: Extension = [
  EditorView.perLineTextDirection.of(true),
  ViewPlugin.define(
    (view) => ({
      decorations: directionsOf(view),
      update(update: ViewUpdate) {
        if (update.docChanged || update.viewportChanged) this.decorations = directionsOf(update.view);
      },
    }),
    { decorations: (plugin) => plugin.decorations },
  ),
];
