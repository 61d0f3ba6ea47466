import { describe, expect, it } from "vitest";
import { mulberry32 } from "../hand/shuffle";
import { SLICE_UNITS, type Sliced, sliceMore, slicesOf } from "./slices";

const list = (items: number) =>
  Array.from(
    { length: items },
    (_, n) => `- Item ${n} with **some** words, so that it has a usual length\n`,
  ).join("");

describe("the slices of a long answer", () => {
  it("are one slice for a text of a usual length", () => {
    expect(slicesOf("# Short\n\n- one\n- two\n")).toEqual(["# Short\n\n- one\n- two\n"]);
  });

  it("are bounded for a list of 240 KB, and begin with an item of the list", () => {
    const text = list(4_000);
    expect(text.length).toBeGreaterThan(240_000);
    const slices = slicesOf(text);
    expect(slices.join("")).toBe(text);
    expect(slices.length).toBeGreaterThan(50);
    for (const slice of slices) {
      expect(slice.startsWith("- Item")).toBe(true);
      expect(slice.length).toBeLessThan(SLICE_UNITS + 200);
    }
  });

  it("do not end inside of a code block, also if it contains lists, blank lines and shorter fences", () => {
    const code = `\`\`\`\`md\n${"- not a list\n\n```\nstill code\n".repeat(800)}\`\`\`\`\n`;
    const slices = slicesOf(`Before.\n\n${code}\nAfter.\n\n${list(100)}`);
    expect(slices.join("")).toBe(`Before.\n\n${code}\nAfter.\n\n${list(100)}`);
    expect(slices.filter((slice) => slice.includes("still code"))).toHaveLength(1);
  });

  it("do not separate an indented paragraph or a nested item from its item", () => {
    const text = "- outer\n\n  its paragraph\n  - inner\n    - deeper\n".repeat(400);
    for (const slice of slicesOf(text)) expect(slice.startsWith("- outer")).toBe(true);
  });

  it("are one slice for a text with footnotes", () => {
    const text = `${list(200)}\nA claim.[^1]\n\n[^1]: Its source.\n`;
    expect(slicesOf(text)).toEqual([text]);
  });

  it("stay as they are while text is appended, all but the last two", () => {
    const text = `Intro.\n\n${list(300)}\n\`\`\`ts\n${"const a = 1;\n\n".repeat(200)}\`\`\`\n\n${"A paragraph.\n\n".repeat(500)}`;
    let before: readonly string[] = [];
    const random = mulberry32(7);
    for (let end = 0; end < text.length; end += 1 + Math.floor(random() * 90)) {
      const now = slicesOf(text.slice(0, end));
      expect(now.slice(0, Math.max(0, before.length - 2))).toEqual(before.slice(0, -2));
      expect(now.join("").length).toBe(Math.min(end, text.length));
      before = now;
    }
  });

  it("are the same if the text is sliced while it grows", () => {
    const text = `Intro.\n\n${list(200)}\n\`\`\`ts\n${"const a = 1;\n\n".repeat(200)}\`\`\`\n\n${list(100)}\n[^1]: A source.\n`;
    for (let seed = 0; seed < 5; seed++) {
      const random = mulberry32(seed);
      let sliced: Sliced = { text: "", slices: [] };
      for (let end = 0; end < text.length; end += 1 + Math.floor(random() * 700)) {
        sliced = sliceMore(sliced, text.slice(0, end));
        expect(sliced.slices).toEqual(slicesOf(text.slice(0, end)));
      }
      expect(sliceMore(sliced, text).slices).toEqual([text]);
      expect(sliceMore(sliced, "Another text").slices).toEqual(["Another text"]);
    }
  });
});
