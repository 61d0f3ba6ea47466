import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const SOURCES = resolve(import.meta.dirname, "..");

/** Attributes whose value is shown or read aloud. */
const TEXT_ATTRIBUTE = /^(aria-label|aria-description|aria-roledescription|title|placeholder|alt|label)$/;

/** Other attributes whose value is text if it begins like a sentence, for example legend and question. */
const NO_TEXT_ATTRIBUTE = /^(className|aria-keyshortcuts)$/;
const SENTENCE = /^\p{Lu}\p{Ll}/u;

const LETTERS = /\p{L}/u;

/** Texts of components outside texts.ts that are no English: the product's name in its own drawing, for example. */
const ALLOWED: readonly string[] = [];

/** The literals with letters that an expression may result in. Conditions and arguments of calls are no results. */
function resultsOf(node: ts.Node): readonly ts.Node[] {
  if (ts.isStringLiteralLike(node)) return LETTERS.test(node.text) ? [node] : [];
  if (ts.isTemplateExpression(node)) {
    const parts = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
    return parts.some((part) => LETTERS.test(part))
      ? [node]
      : node.templateSpans.flatMap((span) => resultsOf(span.expression));
  }
  if (ts.isParenthesizedExpression(node)) return resultsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [...resultsOf(node.whenTrue), ...resultsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken) return resultsOf(node.right);
    if (
      operator === ts.SyntaxKind.BarBarToken ||
      operator === ts.SyntaxKind.QuestionQuestionToken ||
      operator === ts.SyntaxKind.PlusToken
    ) {
      return [...resultsOf(node.left), ...resultsOf(node.right)];
    }
  }
  return [];
}

/** Each text of a component that stands in the component itself, with its line. */
function textsOutside(path: string, source: string): readonly string[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && LETTERS.test(node.text)) found.push(node);
    if (ts.isJsxAttribute(node) && TEXT_ATTRIBUTE.test(node.name.getText()) && node.initializer) {
      const value = node.initializer;
      found.push(...resultsOf(ts.isJsxExpression(value) && value.expression ? value.expression : value));
    } else if (ts.isJsxAttribute(node) && !NO_TEXT_ATTRIBUTE.test(node.name.getText()) && node.initializer) {
      const value = node.initializer;
      if (ts.isStringLiteral(value) && SENTENCE.test(value.text)) found.push(value);
    }
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent) && node.expression) {
      found.push(...resultsOf(node.expression));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.map((node) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    return `${path}:${line + 1} ${node.getText().replace(/\s+/g, " ").trim()}`;
  });
}

describe("the texts of the page", () => {
  it("all texts of the page stand in texts.ts; components have neither texts nor labels", () => {
    const components = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".tsx") && !path.endsWith(".test.tsx"),
    );
    expect(components.length).toBeGreaterThan(50);
    const outside = components.flatMap((path) =>
      textsOutside(path, readFileSync(join(SOURCES, path), "utf8")),
    );
    expect(outside.filter((each) => !ALLOWED.some((allowed) => each.startsWith(allowed)))).toEqual([]);
  });

  it("are found in children, attributes, conditions and templates of a component", () => {
    const source = `
      const label = "not shown here";
      export const Part = ({ open, name }) => (
        <section aria-label="Part" className="Part open" legend="Open parts">
          Hello <b title={open ? texts.open : "Closed"}>{name || "Somebody"}</b>
          {open && \`\${name} is here\`} {name === "Bob" && "!"} {show("Bob")}
        </section>
      );`;
    expect(textsOutside("Part.tsx", source)).toEqual([
      'Part.tsx:4 "Part"',
      'Part.tsx:4 "Open parts"',
      "Part.tsx:5 Hello",
      'Part.tsx:5 "Closed"',
      'Part.tsx:5 "Somebody"',
      `Part.tsx:6 \`$\{name} is here\``,
    ]);
  });

  it("have dates and numbers of their own language, not of the browser's", () => {
    const foreign = /DateTimeFormat\((?:undefined|\))|\.toLocale\w*String\((?:undefined|\))/;
    const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
      (path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path),
    );
    expect(sources.filter((path) => foreign.test(readFileSync(join(SOURCES, path), "utf8")))).toEqual([]);
    expect("new Intl.DateTimeFormat(undefined, {})").toMatch(foreign);
  });

  it("stand in a file that imports nothing, so that each folder and the frame of apps may read it", () => {
    const source = readFileSync(join(SOURCES, "texts.ts"), "utf8");
    expect(ts.preProcessFile(source).importedFiles).toEqual([]);
  });
});
