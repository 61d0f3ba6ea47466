import type { Node } from "acorn";
import { LOOP_GUARD, type Program } from "../../run/messages";

/*
 * On a server without hosts for apps, some browsers run an app in the process of the room's page. There an endless loop
 * would freeze the room. So each loop and each function of the app calls a guard, which throws after too long a time.
 * This is best effort: code in attributes, in `eval` and in a slow regular expression is not guarded.
 */

const CALL = `globalThis.${LOOP_GUARD}?.()`;

/** The same program with guards. Code that cannot be parsed stays as it is, since it will not run either. */
export async function guarded(program: Program): Promise<Program> {
  if (program.kind === "svg") return program;
  const { parse } = await import("acorn");
  const guard = (code: string, isModule: boolean): string => withGuards(code, isModule, parse);
  return {
    ...program,
    // Every file but the first is a module, also of a page.
    files: program.files.map(({ name, code }, at) => ({
      name,
      code: program.kind === "module" || at > 0 ? guard(code, true) : inScripts(code, guard),
    })),
  };
}

type Parse = typeof import("acorn").parse;

/** Guards the scripts of a page. Their lines stay the same. */
export function inScripts(html: string, guard: (code: string, isModule: boolean) => string): string {
  return html.replace(
    /(<script\b([^>]*)>)([\s\S]*?)(<\/script\b)/gi,
    (whole, open: string, attributes: string, code: string, close: string) => {
      const type = /\btype\s*=\s*["']?([^"'\s>]*)/i.exec(attributes)?.[1]?.toLowerCase() ?? "";
      const runs = ["", "module", "text/javascript", "application/javascript"].includes(type);
      return runs && code.trim() !== "" ? `${open}${guard(code, type === "module")}${close}` : whole;
    },
  );
}

/** Adds a call of the guard at the start of each loop's body and of each function's body. */
export function withGuards(code: string, isModule: boolean, parse: Parse): string {
  const opening: Insertion[] = [];
  const closing: Insertion[] = [];
  try {
    const tree = parse(code, {
      ecmaVersion: "latest",
      sourceType: isModule ? "module" : "script",
      allowReturnOutsideFunction: true,
      allowHashBang: true,
    });
    visit(tree as unknown as Tree, (node) => {
      const [start, ...ends] = guardsOf(node);
      if (start !== undefined) opening.push(start);
      closing.push(...ends);
    });
  } catch {
    return code;
  }
  let guardedCode = "";
  let done = 0;
  // An outer node is visited first, and at the same place an inner node ends first.
  for (const { at, text } of [...closing.reverse(), ...opening].sort((a, b) => a.at - b.at)) {
    guardedCode += code.slice(done, at) + text;
    done = at;
  }
  return guardedCode + code.slice(done);
}

type Insertion = { readonly at: number; readonly text: string };

type Tree = Node & { readonly body?: unknown; readonly [field: string]: unknown };

const LOOPS = ["WhileStatement", "DoWhileStatement", "ForStatement", "ForInStatement", "ForOfStatement"];
const FUNCTIONS = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

/** The text at the start of a loop or function, and the text at its end if its body is no block. */
function guardsOf(node: Tree): Insertion[] {
  const body = node.body as Tree | undefined;
  if (body === undefined || body === null) return [];
  const isLoop = LOOPS.includes(node.type);
  if (!isLoop && !FUNCTIONS.includes(node.type)) return [];
  if (body.type === "BlockStatement") return [{ at: startOf(body), text: `;${CALL};` }];
  return isLoop
    ? [
        { at: body.start, text: `{${CALL};` },
        { at: body.end, text: "}" },
      ]
    : [
        { at: body.start, text: `(${CALL},` },
        { at: body.end, text: ")" },
      ];
}

/** The place after the brace of a block, and after directives such as "use strict". */
function startOf(block: Tree): number {
  let at = block.start + 1;
  for (const statement of block.body as readonly Tree[]) {
    if (statement.directive === undefined) break;
    at = statement.end;
  }
  return at;
}

function visit(root: Tree, each: (node: Tree) => void): void {
  const waiting: Tree[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    each(node);
    const inner: Tree[] = [];
    for (const value of Object.values(node))
      for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) inner.push(item);
    waiting.push(...inner.toReversed());
  }
}

const isNode = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
