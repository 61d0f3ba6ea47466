import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

/**
 * The characters of the small files: printable ASCII and the signs that the page's texts use. A character beyond them
 * makes the browser fetch the whole Latin file too.
 */
export const FIRST_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x20, 0x7e],
  [0xa0, 0xa0],
  [0xb7, 0xb7],
  [0xd7, 0xd7],
  [0x2013, 0x2014],
  [0x2018, 0x2019],
  [0x201c, 0x201d],
  [0x2022, 0x2022],
  [0x2026, 0x2026],
];

/** The weights of the small files. No rule of the page's styles asks for another. */
export const WEIGHTS = { min: 400, max: 700 } as const;

const CSS_FILE = /@fontsource-variable\/[^/]+\/wght\.css$/;
const LATIN = /@font-face \{[^}]*url\((\.\/files\/[a-z-]+-latin-wght-normal\.woff2)\)[^}]*\}/g;

/**
 * The style sheet of a font with one more face, which has only the first characters and is declared last: a browser
 * takes the last face that has the character. Throws if the sheet has no face for Latin.
 */
export function withSmallFace(css: string, small: (file: string) => string): string {
  const faces = [...css.matchAll(LATIN)];
  const [face, file] = faces[0] ?? [];
  if (faces.length !== 1 || face === undefined || file === undefined)
    throw new Error("a font has no face for Latin: adapt scripts/small-fonts.ts to this version");
  const range = FIRST_RANGES.map(([from, to]) => `U+${hex(from)}-${hex(to)}`).join(",");
  const added = face.replace(file, small(file)).replace(/unicode-range:[^;]*;/, `unicode-range: ${range};`);
  return `${css}\n${added}\n`;
}

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(4, "0");

/** A Latin font with only the first characters and the page's weights. */
export function smallFont(font: Buffer): Promise<Buffer> {
  const characters = FIRST_RANGES.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, n) => String.fromCodePoint(from + n)),
  );
  return subsetFont(font, characters.join(""), {
    targetFormat: "woff2",
    variationAxes: { wght: { ...WEIGHTS } },
  });
}

/**
 * A Vite plugin. The Latin files of the fonts have 37 to 48 kB, and most rooms need half of their characters and a
 * third of their weights. So a first visit fetches small files, and the whole ones only for text that needs them.
 */
export function smallFontsPlugin(folder: string): Plugin {
  return {
    name: "parlor-small-fonts",
    apply: "build",
    enforce: "pre",
    async transform(css, id) {
      const path = id.split("?")[0] ?? "";
      if (!CSS_FILE.test(path)) return null;
      const files: string[] = [];
      withSmallFace(css, (file) => {
        files.push(file);
        return file;
      });
      const [file = ""] = files;
      const bytes = await smallFont(readFileSync(join(dirname(path), file)));
      mkdirSync(folder, { recursive: true });
      const target = join(folder, file.replace(/^.*\/(.*)-latin-.*$/, "$1-small.woff2"));
      writeFileSync(target, bytes);
      return { code: withSmallFace(css, () => target), map: null };
    },
  };
}
