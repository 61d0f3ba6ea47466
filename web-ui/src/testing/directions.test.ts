import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { EditorState } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { directionsOf } from "../panels/notes/direction";

const SOURCES = resolve(import.meta.dirname, "..");

/** Types of fields into which nobody writes words. */
const WITHOUT_WORDS = /^(checkbox|radio|file|password|range|number|hidden)$/;

/** The classes of elements that show words of people. */
const SHOWN_WORDS =
  /\b(stack-text|chat-text|chat-quote|chat-answered|collab-plain|output-query|comment-quote)\b/;

type Element = {
  readonly place: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
};

/** The elements of a file with their attributes; a value that is no literal is given as its source. */
function elementsOf(path: string, source: string): readonly Element[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: Element[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxOpeningLikeElement(node)) {
      const attributes = new Map(
        node.attributes.properties.filter(ts.isJsxAttribute).map(({ name, initializer }) => {
          const value = initializer === undefined ? "" : initializer.getText(file);
          return [name.getText(file), value.replace(/^"|"$/g, "")] as const;
        }),
      );
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({ place: `${path}:${line + 1}`, name: node.tagName.getText(file), attributes });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const elements = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".tsx") && !path.endsWith(".test.tsx"))
  .flatMap((path) => elementsOf(path, readFileSync(join(SOURCES, path), "utf8")));

const withoutDirection = (wanted: (element: Element) => boolean): readonly string[] =>
  elements
    .filter(wanted)
    .filter(({ attributes }) => !attributes.has("dir"))
    .map(({ place }) => place);

describe("the direction of words in Arabic and Hebrew", () => {
  it("is set for each field for words: by the first letter, or from left to right for addresses and keys", () => {
    const isField = ({ name, attributes }: Element): boolean =>
      name === "textarea" || (name === "input" && !WITHOUT_WORDS.test(attributes.get("type") ?? ""));
    expect(elements.filter(isField).length).toBeGreaterThan(15);
    expect(withoutDirection(isField)).toEqual([]);
  });

  it("is set for each element that shows a card, a message, a note, a question or a quote", () => {
    const isShown = ({ name, attributes }: Element): boolean =>
      /^[a-z]/.test(name) && SHOWN_WORDS.test(attributes.get("className") ?? "");
    expect(elements.filter(isShown).length).toBeGreaterThan(5);
    expect(withoutDirection(isShown)).toEqual([]);
  });

  it("is set for each line of a note or card that is edited, by the first letter of the line", () => {
    const state = EditorState.create({ doc: "שלום\nhello\n\nمرحبا" });
    const view = { state, visibleRanges: [{ from: 0, to: state.doc.length }] } as unknown as EditorView;
    const lines: unknown[] = [];
    directionsOf(view).between(0, state.doc.length, (from, _to, { spec }) => {
      lines.push([state.doc.lineAt(from).number, spec.attributes]);
    });
    expect(lines).toEqual([1, 2, 3, 4].map((line) => [line, { dir: "auto" }]));
  });
});
