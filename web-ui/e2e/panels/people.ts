import {
  type APIRequestContext,
  type Browser,
  type BrowserContext,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";

/** A room as the server created it. */
export type NewRoom = {
  readonly slug: string;
  readonly links: { readonly host: string; readonly player: string; readonly spectator: string };
  readonly key: string;
};

export async function newRoom(request: APIRequestContext, title = "Launch page copy"): Promise<NewRoom> {
  const response = await request.post("/api/rooms", { data: { title } });
  expect(response.status(), await response.text()).toBe(201);
  const { slug, links } = await response.json();
  return { slug, links, key: new URL(links.host).hash.replace("#k=", "") };
}

/** The room's document as JSON, from the HTTP API. */
export async function roomJson(request: APIRequestContext, room: NewRoom) {
  const response = await request.get(`/api/rooms/${room.slug}`, { headers: { "Parlor-Key": room.key } });
  expect(response.status()).toBe(200);
  return response.json();
}

export type EnterOptions = Parameters<Browser["newContext"]>[0] & {
  readonly debug?: boolean;
  /** Whether the page's timers follow a clock that the test controls. */
  readonly clock?: boolean;
  /** Prepares the page before its first load. */
  readonly prepare?: (page: Page) => unknown;
};

/** One person in a room: a browser profile with a page, and locators for the parts of the page that tests use. */
export class Participant {
  readonly stack: Locator;
  readonly output: Locator;
  readonly chat: Locator;
  readonly hand: Locator;
  readonly query: Locator;
  readonly pageErrors: string[] = [];

  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly name: string,
  ) {
    this.stack = page.getByRole("region", { name: "Stack", exact: true });
    this.output = page.getByRole("region", { name: "Output", exact: true });
    this.chat = page.getByRole("region", { name: "Chat", exact: true });
    this.hand = page.getByRole("group", { name: /Your hand/ });
    this.query = page.getByRole("textbox", { name: "Query" });
  }

  card(text: string): Locator {
    return this.stack.locator("[data-card]").filter({ hasText: text });
  }

  /** The question of the last answer of the conversation that the page shows. */
  question(): Locator {
    return this.output.locator(".output-query").last();
  }

  /** The texts of the cards in the stack in their order, without removed cards. */
  cards(): Promise<string[]> {
    return this.stack.locator("[data-card]:not([data-removed]) .stack-text").allInnerTexts();
  }

  handCards(): Promise<string[]> {
    return this.hand.locator(".hand-text").allInnerTexts();
  }

  note(title: string): Locator {
    return this.page.getByRole("textbox", { name: `Note: ${title}` });
  }

  /** The text of a note, without the names at other people's carets. */
  noteText(title: string): Promise<string> {
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

  messages(): Promise<string[]> {
    return this.chat.locator("[data-message] .chat-text").allInnerTexts();
  }

  async say(text: string): Promise<void> {
    const field = this.chat.getByRole("textbox", { name: "Message" });
    await field.fill(text);
    await field.press("Enter");
  }

  async generate(query: string): Promise<void> {
    await this.query.fill(query);
    await this.page.getByRole("button", { name: "Generate", exact: true }).click();
  }

  /** The last answer of the conversation that the page shows. */
  answer(): Locator {
    return this.output.locator("[data-answer]").last();
  }

  /** Writes a card of a type and plays it. */
  async playOwnCard(type: string, text: string): Promise<void> {
    await this.hand.getByRole("button", { name: "Custom card" }).click();
    const dialog = this.page.getByRole("dialog", { name: "Custom card" });
    await dialog.getByText(type, { exact: true }).click();
    await dialog.getByRole("textbox").fill(text);
    await dialog.getByRole("button", { name: "Play card" }).click();
    await expect(dialog).toBeHidden();
  }

  awaitSaved(): Promise<void> {
    return expect(this.page.getByTestId("state")).toContainText(/Saved|all changes saved/, {
      timeout: 15_000,
    });
  }

  async setOffline(offline: boolean): Promise<void> {
    await this.context.setOffline(offline);
    if (offline) await expect(this.page.getByTestId("state")).toContainText(/Offline/, { timeout: 15_000 });
  }

  async leave(): Promise<void> {
    await this.context.close();
    expect(this.pageErrors, `${this.name}: errors on the page`).toEqual([]);
  }
}

/** Opens a room's link in a new browser profile, joins under a name, and waits until the room is open. */
export async function enter(
  browser: Browser,
  link: string,
  name: string,
  options: EnterOptions = {},
): Promise<Participant> {
  const { debug = false, clock = false, prepare, ...profile } = options;
  const context = await browser.newContext({
    permissions: ["clipboard-read", "clipboard-write"],
    ...profile,
  });
  const page = await context.newPage();
  if (clock) await page.clock.install();
  await prepare?.(page);
  const participant = new Participant(page, context, name);
  page.on("pageerror", (error) => participant.pageErrors.push(String(error)));
  const { pathname, hash } = new URL(link);
  await page.goto(`${pathname}${debug ? "?debug" : ""}${hash}`);
  await page.getByLabel("Your name in this room").fill(name);
  await page.getByRole("button", { name: "Join the room" }).click();
  await expect(participant.query).toBeVisible({ timeout: 20_000 });
  return participant;
}

/** Two people, Amber Otter (host) and Quiet Heron (player), in a new room. All changes are saved. */
export async function pair(browser: Browser, request: APIRequestContext) {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const quiet = await enter(browser, room.links.player, "Quiet Heron");
  await amber.awaitSaved();
  await quiet.awaitSaved();
  return { room, amber, quiet };
}
