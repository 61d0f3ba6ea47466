import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import { BROWSER } from "./browser";

export interface PersonOptions {
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: "reduce" | "no-preference";
  /** Whether the person has a touch screen, as on a phone. */
  readonly touch?: boolean;
}

/**
 * One person: a separate Chromium profile with one page. It records the errors of the page and its requests to other
 * hosts.
 */
export class Person {
  /** Errors of the page's scripts and in its console. The fixture fails the test if there are any. */
  readonly errors: string[] = [];
  /** URLs on other hosts that the page requested. The fixture fails the test if there are any. */
  readonly foreignRequests: string[] = [];
  /** Whether network failures do not count as errors, because the test causes them on purpose. */
  ignoresNetworkErrors = false;

  private constructor(
    readonly name: string,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly profile: string,
  ) {}

  /**
   * Creates the profile and its page.
   *
   * @param browser the browser that holds the profile in memory; null for a separate Chromium with the profile on disk
   */
  static async arrive(name: string, browser: Browser | null, options: PersonOptions = {}): Promise<Person> {
    const contextOptions = {
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      colorScheme: "light",
      reducedMotion: options.reducedMotion ?? "no-preference",
      permissions: ["clipboard-read", "clipboard-write"],
      hasTouch: options.touch ?? false,
      isMobile: options.touch ?? false,
    } satisfies BrowserContextOptions;
    const profile = browser === null ? mkdtempSync(join(tmpdir(), "parlor-profile-")) : "";
    const context =
      browser === null
        ? await chromium.launchPersistentContext(profile, { ...BROWSER, ...contextOptions })
        : await browser.newContext(contextOptions);
    const page = context.pages()[0] ?? (await context.newPage());
    const person = new Person(name, context, page, profile);
    page.on("pageerror", (error) => person.errors.push(error.stack ?? error.message));
    page.on("console", (message) => {
      const text = message.text();
      const isNetworkFailure =
        /Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket connection/.test(text);
      if (message.type() === "error" && !(isNetworkFailure && person.ignoresNetworkErrors))
        person.errors.push(text);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      const isLocal =
        /^(127\.0\.0\.1|(.+\.)?localhost)$/.test(url.hostname) || ["data:", "blob:"].includes(url.protocol);
      if (!isLocal) person.foreignRequests.push(request.url());
    });
    return person;
  }

  async leave(): Promise<void> {
    await this.context.close();
    if (this.profile !== "") rmSync(this.profile, { recursive: true, force: true });
  }

  /** Creates a new room from the front page and enters it. Returns its link. */
  async openRoom(server: string, title: string): Promise<string> {
    await this.page.goto(server);
    await this.page.getByLabel("What is the room for?").fill(title);
    await this.page.getByRole("button", { name: "Open a room" }).click();
    await this.join();
    return this.page.url();
  }

  /** Follows a link to a room and enters it. */
  async follow(link: string): Promise<void> {
    await this.page.goto(link);
    await this.join();
  }

  private async join(): Promise<void> {
    const field = this.page.getByLabel("Your name in this room");
    await expect(field).toBeFocused();
    await field.fill(this.name);
    await field.press("Enter");
    await this.awaitRoom();
  }

  /** Waits until the page shows the room. */
  async awaitRoom(): Promise<void> {
    await expect(this.page.getByLabel("Room title")).toBeVisible({ timeout: 20_000 });
    await expect(this.page.getByTestId("state")).toBeVisible();
  }

  /** Switches the profile's network off or on. Service worker and IndexedDB stay. */
  async setOffline(offline: boolean): Promise<void> {
    this.ignoresNetworkErrors = true;
    await this.context.setOffline(offline);
  }

  /** The state pill: saved, offline, reconnecting. */
  get state(): Locator {
    return this.page.getByTestId("state");
  }

  /** Waits until the page shows that all changes are saved. */
  async awaitSaved(): Promise<void> {
    await expect(this.state).toHaveText(/^(Saved|Back online, all changes saved|All saved)$/, {
      timeout: 20_000,
    });
  }

  region(name: string | RegExp): Locator {
    return this.page.getByRole("region", { name });
  }

  note(title = "Shared notes"): Locator {
    return this.region(`Note: ${title}`).locator(".cm-content");
  }

  /** The text of a note, without the names at other people's carets. */
  async noteText(title = "Shared notes"): Promise<string> {
    return this.note(title).evaluate((note) =>
      [...note.querySelectorAll(".cm-line")]
        .map((line) => {
          const copy = line.cloneNode(true) as Element;
          for (const caret of copy.querySelectorAll(".caret")) caret.remove();
          return copy.textContent;
        })
        .join("\n"),
    );
  }

  /** The texts of the cards in the stack, from first to last. */
  async stack(): Promise<string[]> {
    return this.region("Stack").locator(".stack-text").allInnerTexts();
  }

  /** Drags a window by its title bar. */
  async drag(window: Locator, dx: number, dy: number, steps = 12): Promise<void> {
    const box = await window.locator(".window-bar").boundingBox();
    if (box === null) throw new Error("the window is not shown");
    const x = box.x + Math.min(120, box.width / 2);
    const y = box.y + box.height / 2;
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + dx, y + dy, { steps });
    await this.page.mouse.up();
  }
}

/** The position and size of a window on the page, in whole pixels. */
export async function placeOf(
  window: Locator,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await window.boundingBox();
  if (box === null) throw new Error("the window is not shown");
  return {
    x: Math.round(box.x),
    y: Math.round(box.y),
    width: Math.round(box.width),
    height: Math.round(box.height),
  };
}
