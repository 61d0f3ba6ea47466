import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCES = resolve(import.meta.dirname, "..");

/** The smallest text in pixels. */
const TEXT_MIN = 12;

/** The contrast that WCAG asks of text (1.4.3). */
const CONTRAST_MIN = 4.5;

const styles = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".css"))
  .map((path) => ({ path, css: readFileSync(join(SOURCES, path), "utf8") }));

const tokens = styles.find(({ path }) => path.endsWith("tokens.css"))?.css ?? "";

/** The colours of a theme by name. The first block of the file is light, the last one dark. */
function coloursOf(theme: "light" | "dark"): ReadonlyMap<string, string> {
  const dark = tokens.indexOf(':root[data-theme="dark"]');
  const css = theme === "light" ? tokens.slice(0, tokens.indexOf("@media")) : tokens.slice(dark);
  return new Map(
    [...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [name, hex]),
  );
}

const channels = (hex: string): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map((c) =>
    c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** How colourful a colour is, from 0 for grey to 1. */
function saturation(hex: string): number {
  const rgb = channels(hex);
  return Math.max(...rgb) - Math.min(...rgb);
}

const PEOPLE = Array.from({ length: 12 }, (_, index) => `p${index + 1}`);
const CARDS = ["role", "tone", "limit", "format", "rule", "own", "image", "remove"];

describe("the look of the page", () => {
  it("has no text below 12 pixels", () => {
    const small = styles.flatMap(({ path, css }) =>
      [...css.matchAll(/font(?:-size)?: [^;]*?(\d+(?:\.\d+)?)px/g)]
        .filter(([, size]) => Number(size) < TEXT_MIN)
        .map(([rule]) => `${path}: ${rule}`),
    );
    expect(small).toEqual([]);
    expect([...tokens.matchAll(/--text-\w+: (\d+)px/g)].map(([, size]) => Number(size))).toContain(TEXT_MIN);
  });

  it.each(["light", "dark"] as const)(
    "tells people from kinds of cards by colour in the %s theme",
    (theme) => {
      const colours = coloursOf(theme);
      const of = (name: string): string => colours.get(name) ?? "";
      const palest = Math.min(...PEOPLE.map((name) => saturation(of(name))));
      const strongest = Math.max(...CARDS.map((name) => saturation(of(name))));
      expect(strongest, "each card's colour is paler than each person's colour").toBeLessThan(palest);
    },
  );

  it.each(["light", "dark"] as const)("has readable text in the %s theme", (theme) => {
    const colours = coloursOf(theme);
    const of = (name: string): string => colours.get(name) ?? "";
    const texts = ["ink", "ink-2", "ink-3", "go", "stop", "link", ...PEOPLE];
    const unreadable = texts.flatMap((name) =>
      ["surface", "surface-2", "paper"].filter((ground) => contrast(of(name), of(ground)) < CONTRAST_MIN),
    );
    expect(unreadable).toEqual([]);
    const soft = CARDS.filter((name) => contrast(of("ink"), of(`${name}-soft`)) < CONTRAST_MIN);
    expect(soft, "text on tinted cards").toEqual([]);
  });
});
