import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { afterFrames } from "./frames";
import { smallPng } from "./smallPng";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;

const SCHEMES = ["light", "dark"] as const;

export type Size = (typeof SIZES)[number];

/** Takes a picture of each view at three widths in two themes, and writes a page that shows them. */
export class Pictures {
  readonly #views: { readonly name: string; readonly caption: string; readonly widths: readonly number[] }[] =
    [];

  constructor(private readonly folder: string) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  /**
   * Takes the pictures of a view.
   *
   * @param show brings the view onto the page; runs at each width, since another layout may have closed it
   * @param widths the widths at which the page has this view
   */
  async take(
    page: Page,
    name: string,
    caption: string,
    show: (size: Size) => Promise<unknown> = async () => {},
    widths: readonly number[] = SIZES.map(({ width }) => width),
  ): Promise<void> {
    this.#views.push({ name, caption, widths });
    for (const size of SIZES.filter(({ width }) => widths.includes(width))) {
      await page.setViewportSize(size);
      await afterFrames(page, 4);
      await show(size);
      await page.mouse.move(2, 2); // no button looks hovered
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await afterFrames(page, 4);
        await page.evaluate(sameTextsEachTime);
        const picture = await page.screenshot({ animations: "disabled", caret: "hide" });
        writeFileSync(join(this.folder, `${name}-${size.width}-${colorScheme}.png`), smallPng(picture));
      }
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    }
  }

  /** Writes the page with all pictures. */
  writePage(): void {
    const sections = this.#views.map(({ name, caption, widths }) => {
      const rows = widths.map((width) => {
        const cells = SCHEMES.map((scheme) => {
          const shown = width > 500 ? 460 : 240;
          return `<img src="${name}-${width}-${scheme}.png" width="${shown}" alt="${caption}, ${width} wide, ${scheme}">`;
        });
        return cells.join("\n");
      });
      return `## ${caption}\n\n${rows.join("\n\n")}\n`;
    });
    const head = [
      "# Picture tour",
      "",
      "Each view of the page at 1440, 1024 and 390 pixels, light and dark. `./parlor tour` makes these pictures with the",
      "real server, real browsers and a model that says the same each time.",
      "",
    ];
    writeFileSync(join(this.folder, "README.md"), [...head, ...sections].join("\n"));
  }
}

/** Replaces times, ports and keys in what the page shows, so that the next tour differs only where the page does. */
const sameTextsEachTime = (): void => {
  const replaced = (text: string): string =>
    text
      .replace(/\b\d{1,2} [A-Z][a-z]{2}(?:, |(?= \d{4}))/g, "14 Mar, ")
      .replace(/\b\d\d:\d\d\b/g, "15:09")
      .replace(/\b0:\d\d\b/g, "0:04")
      .replace(/\b\d+(?:\.\d)? ?(ms|s)\b(?! ago)/g, "4 s")
      .replace(/http:\/\/127\.0\.0\.1:\d+\/r\/[\w-]+(#k=[\w-]*)?/g, "https://parlor.example/r/launch#k=…")
      .replace(/127\.0\.0\.1:\d+|localhost:\d+/g, "parlor.example");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.parentElement?.closest("pre, .cm-content") != null) continue;
    const text = replaced(node.nodeValue ?? "");
    if (text !== node.nodeValue) node.nodeValue = text;
  }
  for (const field of document.querySelectorAll("input")) {
    if (/127\.0\.0\.1|localhost/.test(field.value)) field.value = replaced(field.value);
  }
};
