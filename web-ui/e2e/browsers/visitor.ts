import { expect } from "@playwright/test";
import type { Browser } from "./browser";

/** A person in a room with a browser that Playwright does not drive. Elements are found by selector and name. */
export class Visitor {
  constructor(readonly browser: Browser) {}

  /** Opens a link to a room and enters it. */
  async follow(link: string, name: string): Promise<void> {
    await this.browser.open(link);
    await this.press("input");
    await this.browser.type(`${name}\n`);
    await this.sees('input[aria-label="Room title"]');
    await this.browser.run(() => {
      const errors: string[] = [];
      Object.assign(globalThis, { pageErrors: errors });
      addEventListener("error", ({ message }) => errors.push(message));
      addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
    });
  }

  /** The errors of the page's scripts since the person entered the room. */
  errors(): Promise<string[]> {
    return this.browser.run(() => (globalThis as unknown as { pageErrors: string[] }).pageErrors);
  }

  /** Presses an element, when it is in view and nothing covers it. */
  async press(selector: string, text = ""): Promise<void> {
    let at = [0, 0] as readonly [number, number] | null;
    await expect
      .poll(
        async () => {
          at = await this.browser.run(middleOf, selector, text);
          return at !== null;
        },
        { message: `${selector} ${text} can be pressed`, timeout: 20_000 },
      )
      .toBe(true);
    if (at !== null) await this.browser.press(...at);
  }

  /** Presses a field and types into it. */
  async write(selector: string, text: string): Promise<void> {
    await this.press(selector);
    await this.browser.type(text);
  }

  /** Waits until the page shows an element with this text. */
  async sees(selector: string, text = ""): Promise<void> {
    await expect
      .poll(() => this.textOf(selector), { message: `the page shows ${selector}`, timeout: 20_000 })
      .toContain(text);
  }

  /** The texts of all elements that are shown, each without the names at carets; null if there are none. */
  textOf(selector: string): Promise<string | null> {
    return this.browser.run((wanted) => {
      const shown = [...document.querySelectorAll<HTMLElement>(wanted)].filter(
        (element) => element.getClientRects().length > 0,
      );
      if (shown.length === 0) return null;
      return shown
        .map((element) => {
          const copy = element.cloneNode(true) as Element;
          for (const caret of copy.querySelectorAll(".caret")) caret.remove();
          return copy.textContent;
        })
        .join("\n");
    }, selector);
  }
}

/** The middle of the first such element that can be pressed, in CSS pixels of the page; null if there is none yet. */
function middleOf(selector: string, text: string): readonly [number, number] | null {
  for (const element of document.querySelectorAll<HTMLElement>(selector)) {
    const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
    if (!name.includes(text) || (element as HTMLButtonElement).disabled) continue;
    element.scrollIntoView({ block: "nearest" });
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const hit = document.elementFromPoint(x, y);
    if (hit !== null && (element.contains(hit) || hit.contains(element))) return [x, y];
  }
  return null;
}
