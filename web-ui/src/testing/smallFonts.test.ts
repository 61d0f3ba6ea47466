import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FIRST_RANGES, smallFont, WEIGHTS, withSmallFace } from "../../scripts/small-fonts";

const sources = new URL("../", import.meta.url);
const fonts = new URL("../../node_modules/@fontsource-variable/", import.meta.url);
const read = (path: string): Buffer => readFileSync(new URL(path, fonts));
const FAMILIES = ["inter", "fraunces", "jetbrains-mono"];

describe("the small files of the page's fonts", () => {
  it("are added as the last face of each installed font, with the same name and weights", () => {
    for (const family of FAMILIES) {
      const css = read(`${family}/wght.css`).toString();
      const added = withSmallFace(css, () => "small.woff2").slice(css.length);
      const value = (name: string, of: string): string | undefined =>
        new RegExp(`${name}: ([^;]*);`).exec(of)?.[1];
      expect(value("font-family", added)).toBe(value("font-family", css));
      expect(value("font-weight", added)).toBe(value("font-weight", css));
      expect(added).toContain("url(small.woff2)");
      expect(added).toContain("U+0020-007E");
    }
  });

  it("have each character of the page's texts that the whole Latin files have", () => {
    const latin = (code: number): boolean =>
      code < 0x100 || (code >= 0x2000 && code <= 0x206f) || [0x20ac, 0x2191, 0x2193, 0x2212].includes(code);
    const isSmall = (code: number): boolean => FIRST_RANGES.some(([from, to]) => from <= code && code <= to);
    const missing = [...readFileSync(new URL("texts.ts", sources), "utf8")].filter((character) => {
      const code = character.codePointAt(0) ?? 0;
      return character !== "\n" && latin(code) && !isSmall(code);
    });
    expect([...new Set(missing)]).toEqual([]);
  });

  it("have each weight of the page's styles", () => {
    const weights = readdirSync(sources, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".css"))
      .flatMap((path) => [
        ...readFileSync(new URL(path, sources), "utf8").matchAll(/font(?:-weight)?: *(?:italic )?(\d{3})\b/g),
      ])
      .map(([, weight]) => Number(weight));
    expect(weights.length).toBeGreaterThan(100);
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(WEIGHTS.min);
    expect(Math.max(...weights)).toBeLessThanOrEqual(WEIGHTS.max);
  });

  it("make the build fail if another version of a font has no face for Latin", () => {
    expect(() => withSmallFace("@font-face { src: url(./files/other.woff2); }", () => "")).toThrow(
      "adapt scripts/small-fonts.ts",
    );
  });

  it("have less than 60 % of the bytes of the whole Latin file", { timeout: 60_000 }, async () => {
    const font = read("inter/files/inter-latin-wght-normal.woff2");
    const small = await smallFont(font);
    expect(small.length).toBeGreaterThan(10_000);
    expect(small.length / font.length).toBeLessThan(0.6);
  });
});
