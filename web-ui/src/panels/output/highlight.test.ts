import { describe, expect, it } from "vitest";
import { type Colored, colorize, onHighlighter } from "./highlight";

const textOf = (parts: readonly Colored[]): string =>
  parts.map((part) => (typeof part === "string" ? part : textOf(part.children))).join("");

describe("coloured code", () => {
  it("is null until the highlighter has loaded, and then contains every character of the code", async () => {
    const code = '<h1 class="a">x &amp; "y"</h1>\n\t// ünïcode 🦦\n';
    expect(colorize(code, "html", false)).toBeNull();
    await new Promise<void>((ready) => onHighlighter(ready));
    for (const language of ["html", "HTML", "ts", "python", "json", "css", "bash", "java"]) {
      const parts = colorize(code, language, false);
      expect(parts, language).not.toBeNull();
      expect(textOf(parts ?? [])).toBe(code);
    }
    expect(colorize(code, "klingon", false)).toBeNull();
    expect(colorize(code, "", false)).toBeNull();
    expect(colorize("x".repeat(13_000), "ts", true)).toBeNull();
  });
});
