import { describe, expect, it } from "vitest";
import { blocksOf, namesPerson } from "./lightMarkdown";

const shown = (text: string): string =>
  blocksOf(text)
    .map((block) =>
      block.kind === "code"
        ? `[code|${block.text}]`
        : `${block.kind === "quote" ? "[quote]" : ""}${block.parts
            .map(({ style, text: words }) => (style === "plain" ? words : `{${style} ${words}}`))
            .join("")}`,
    )
    .join("¶");

describe("the Markdown of chat messages", () => {
  it.each([
    [
      "a **bold** and *italic* or _italic_ word, ~~not~~ this",
      "a {bold bold} and {italic italic} or {italic italic} word, {strike not} this",
    ],
    ["`a * b * c` and ``x`y``", "{code a * b * c} and {code x`y}"],
    ["2*3*4 snake_case_name ~5 min and ~10 km * a * b", "2*3*4 snake_case_name ~5 min and ~10 km * a * b"],
    ["> one\n> two\n\nSo?", "[quote]one\ntwo¶So?"],
    ["before\n```js\nlet **a**;\n```\nafter", "before¶[code|let **a**;]¶after"],
    ["```\nno end", "```\nno end"],
    ["two\nlines\n\nand a blank one", "two\nlines\n\nand a blank one"],
    [
      "https://a.example/x_y_z and `https://b.example`",
      "{link https://a.example/x_y_z} and {code https://b.example}",
    ],
    ["<b>no</b> [x](javascript:alert(1))", "<b>no</b> [x](javascript:alert(1))"],
    ["**", "**"],
    ["****", "****"],
  ])("of %j is %j", (text, expected) => expect(shown(text)).toBe(expected));

  it("[U33] marks @ with the name of a person of the room, whatever its case, and nothing else", () => {
    const people = (text: string) =>
      blocksOf(text, ["Ann", "Ann Lee", "Bob"])
        .flatMap((block) => (block.kind === "code" ? [] : block.parts))
        .flatMap(({ style, text: words }) => (style === "person" ? [words] : []));
    expect(people("@ann lee and @Bob, not @Bobby, a@Bob or `@Bob`; @Ann.")).toEqual([
      "@ann lee",
      "@Bob",
      "@Ann",
    ]);
    expect(people("@nobody @")).toEqual([]);
    expect(namesPerson("So, @ANN: **why**?", "Ann")).toBe(true);
    expect(namesPerson("> @Ann\nno", "Ann")).toBe(false);
  });

  it("has only addresses of http and https as links", () => {
    const hrefs = blocksOf("javascript:alert(1) data:text/html,x **javascript:alert(1)** https://a.example")
      .flatMap((block) => (block.kind === "code" ? [] : block.parts))
      .flatMap(({ href }) => (href === undefined ? [] : [href]));
    expect(hrefs).toEqual(["https://a.example"]);
  });

  it("is read in time that grows with the length of the message", () => {
    const start = performance.now();
    for (const text of [
      "*a ".repeat(2_600),
      "`".repeat(8_000),
      "_".repeat(8_000),
      "> ".repeat(4_000),
      "**a".repeat(2_600),
    ])
      blocksOf(text);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
