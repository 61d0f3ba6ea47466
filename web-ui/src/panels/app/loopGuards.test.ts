import { runInThisContext } from "node:vm";
import { parse } from "acorn";
import { describe, expect, it } from "vitest";
import { TaskTime } from "../../run/loopGuard";
import { LOOP_GUARD, type Program } from "../../run/messages";
import { guarded, inScripts, withGuards } from "./loopGuards";

const within = (code: string, calls: () => void, isModule = false): unknown => {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope[LOOP_GUARD] = calls;
  try {
    return runInThisContext(withGuards(`{${code}}`, isModule, parse));
  } finally {
    delete scope[LOOP_GUARD];
  }
};

const stopAfter = (count: number): (() => void) => {
  let left = count;
  return () => {
    if (left-- === 0) throw new Error("too long");
  };
};

describe("code with loop guards", () => {
  it.each([
    "while (true);",
    "for (;;) {}",
    "for (;;) for (;;) ;",
    "do ; while (true)",
    "let i = 0; do i++; while (i >= 0)",
    "if (1) while (1) if (0) ; else ;",
    "for (const a of (function* () { for (;;) yield 1; })()) a;",
    "const f = n => n < 2 ? n : f(n - 1) + f(n - 2); f(90)",
    "function f(n) { 'use strict'; return n < 2 ? n : f(n - 1) + f(n - 2); } f(90)",
    "label: while (true) { while (true) continue label; }",
    "class A { static run() { for (;;) ; } } A.run()",
  ])("is stopped by its guard: %s", (code) => {
    expect(() => within(code, stopAfter(1_000))).toThrow("too long");
  });

  it.each([
    ["let s = 0; for (const a of [1, 2, 3]) s += a; s", 6],
    ["const f = () => ({ a: 1 }); f().a", 1],
    ["const f = (a = () => 2) => a(); f()", 2],
    ["const f = a => b => a + b; f(1)(2)", 3],
    ["(function () { 'use strict'; return this === undefined; })()", true],
    [
      "class A { x = 1 } class B extends A { constructor() { super(); this.y = 2; } } new B().x + new B().y",
      3,
    ],
    ["let n = 0; for (const k in { a: 1, b: 2 }) if (k) n++; else n--; n", 2],
    ["[...(function* () { yield 1; yield 2; })()].length", 2],
    ["let f, n = 0; while (n++ < 1) f = () => n\nf()", 2],
    ["let i = 0; do i++; while (i < 5); i", 5],
  ])("has the same result: %s", (code, result) => {
    expect(within(code, () => undefined)).toBe(result);
  });

  it("keeps its lines, and stays as it is if it does not parse", () => {
    const code = "const a = () =>\n  1;\nwhile (a())\n  break;";
    expect(withGuards(code, true, parse).split("\n")).toHaveLength(4);
    expect(withGuards("while (", true, parse)).toBe("while (");
  });

  it("is guarded in the scripts of a page, but not in data", () => {
    const html = [
      '<script type="application/json">{"while (true);":1}</script>',
      "<SCRIPT type=module>while (true);</SCRIPT>",
      '<script src="a.js"></script>',
    ];
    const marked = inScripts(html.join("\n"), (code, isModule) => `${isModule}:${code}`);
    expect(marked.split("\n")).toEqual([html[0], "<SCRIPT type=module>true:while (true);</SCRIPT>", html[2]]);
  });

  it("is made for modules and pages, and a drawing stays as it is", async () => {
    const program = (kind: Program["kind"], code: string): Program => ({
      kind,
      files: [{ name: "a", code }],
      imports: {},
      integrity: {},
      stubs: {},
    });
    const codeOf = async (kind: Program["kind"], code: string) =>
      (await guarded(program(kind, code))).files[0]?.code;
    expect(await codeOf("module", "import 'a'; for (;;);")).toContain(LOOP_GUARD);
    expect(await codeOf("html", "<script>for (;;);</script>")).toContain(LOOP_GUARD);
    const page = program("html", "<p>");
    const withModule = { ...page, files: [...page.files, { name: "b.js", code: "for (;;);" }] };
    expect((await guarded(withModule)).files[1]?.code).toContain(LOOP_GUARD);
    expect(await codeOf("svg", "<svg><script>for (;;);</script></svg>")).not.toContain(LOOP_GUARD);
  });
});

describe("the time of one task", () => {
  it("is measured from its first guard to the end of the task, and above 3 s the guard throws", () => {
    let now = 0;
    let endTask = (): void => undefined;
    const time = new TaskTime(
      () => now,
      (end) => {
        endTask = end;
      },
    );
    const callOften = (): void => {
      for (let i = 0; i < 2_000; i++) time.check();
    };
    callOften();
    now = 2_900;
    expect(callOften).not.toThrow();
    now = 3_100;
    expect(callOften).toThrow("longer than 3 s");
    endTask();
    expect(callOften).not.toThrow();
    now = 6_000;
    expect(callOften).not.toThrow();
  });
});
