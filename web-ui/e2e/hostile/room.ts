import { expect, type Locator, type Page } from "@playwright/test";
import type { StubModel } from "../support/model";
import type { Person } from "../support/person";
import type { Tried } from "./app";

/** What no app may change about a page. */
export interface PageState {
  readonly url: string;
  readonly title: string;
  readonly name: string;
  readonly local: string;
  readonly session: string;
  readonly databases: string;
  readonly caches: string;
  readonly workers: number;
  readonly cookies: string;
  readonly forged: number;
  readonly pwned: boolean;
  readonly errors: readonly string[];
}

/** Reads what no app may change, and the errors of the page's own scripts since `watchErrors`. */
export async function pageState(page: Page): Promise<PageState> {
  return page.evaluate(async () => {
    // The page itself writes what it has seen, drafts, the order of the windows and the history for undo.
    const steady = (storage: Storage): string =>
      JSON.stringify(
        Object.keys(storage)
          .filter((key) => !/acked|chat-seen|draft|hand|windows|undo/.test(key))
          .sort()
          .map((key) => [key, storage.getItem(key)]),
      );
    const own = globalThis as unknown as { pwned?: unknown; hostileErrors?: string[] };
    return {
      url: window.location.href,
      title: document.title,
      name: window.name,
      local: steady(localStorage),
      session: steady(sessionStorage),
      databases: (await indexedDB.databases()).map(({ name }) => name).join(),
      caches: (await caches.keys()).join(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      cookies: document.cookie,
      forged: document.querySelectorAll("[data-forged], #forged, [onerror]").length,
      pwned: "pwned" in own || "pwned" in Object.prototype || "polluted" in Object.prototype,
      errors: own.hostileErrors ?? [],
    };
  });
}

/** Records the errors of the page's own scripts. Errors of apps do not count. */
export async function watchErrors(page: Page): Promise<void> {
  await page.evaluate(() => {
    const errors: string[] = [];
    (globalThis as unknown as { hostileErrors: string[] }).hostileErrors = errors;
    addEventListener("error", (event) => errors.push(event.message));
    addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
  });
}

/** A second person of the room, who writes over HTTP. */
export class Witness {
  private constructor(
    private readonly room: string,
    private readonly key: string,
    private readonly token: string,
  ) {}

  static async join(link: string): Promise<Witness> {
    const { origin, pathname, hash } = new URL(link);
    const answer = await fetch(`${origin}/api/identities`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Wes" }),
    });
    const { token } = await answer.json();
    const room = `${origin}/api/rooms/${pathname.split("/").at(-1)}`;
    const witness = new Witness(room, hash.replace("#k=", ""), token);
    await witness.#post("join", { name: "Wes" });
    return witness;
  }

  get #headers() {
    return {
      "Content-Type": "application/json",
      Authorization: `Bearer ${this.token}`,
      "Parlor-Key": this.key,
    };
  }

  say(text: string): Promise<void> {
    return this.#post("chat", { text });
  }

  async #post(path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${this.room}/${path}`, {
      method: "POST",
      headers: this.#headers,
      body: JSON.stringify(body),
    });
    expect(answer.ok, await answer.clone().text()).toBe(true);
  }

  /** The whole room as the server has it, as text. */
  async seen(): Promise<string> {
    return (await fetch(this.room, { headers: this.#headers })).text();
  }
}

let proofs = 0;

/** Expects that the room works in both directions: the person's note is saved, and another person's line appears. */
export async function expectRoomWorks(person: Person, witness: Witness): Promise<void> {
  proofs += 1;
  // Windows of apps may lie over the note.
  await person.note().focus();
  await person.page.keyboard.type(` note${proofs}`);
  await witness.say(`line ${proofs}`);
  await expect(person.region("Chat").getByText(`line ${proofs}`, { exact: true })).toBeVisible();
  await expect.poll(() => witness.seen()).toContain(`note${proofs}`);
  expect(await person.noteText()).toContain(`note${proofs}`);
}

/** Lets the model answer with the code of apps, and opens each of them by its button. */
export async function openApps(
  person: Person,
  model: StubModel,
  apps: readonly { readonly language: string; readonly code: string }[],
): Promise<void> {
  model.answer = apps.map(({ language, code }) => `\`\`\`${language}\n${code}\n\`\`\``).join("\n\n");
  model.pieceDelayMillis = 0;
  model.pieceLength = 4_000;
  // In a conversation, the code of a later answer would be a new version of the app before.
  const follow = person.page.getByRole("button", { name: "Choose what the question follows" });
  if (await follow.isVisible()) {
    await follow.dispatchEvent("keydown", { key: "Enter" });
    await person.page.getByRole("menuitem", { name: "Start a new conversation" }).click();
  }
  await person.page.getByRole("textbox", { name: "Query" }).fill(`Apps ${proofs}`);
  await person.page.getByRole("button", { name: "Generate", exact: true }).click();
  const answer = person
    .region("Output")
    .locator(".exchange", { hasText: `Apps ${proofs}` })
    .last();
  const open = answer.getByRole("button", { name: /^(Open|Update) (as )?app$/ });
  // Of a long answer, the page draws the parts near the view.
  const waiting = answer.locator('.output-slice[data-drawn="false"]');
  await expect(async () => {
    if ((await waiting.count()) > 0) await waiting.first().evaluate((part) => part.scrollIntoView());
    await expect(open).toHaveCount(apps.length, { timeout: 200 });
  }).toPass({ timeout: 30_000 });
  // Windows open over the answer, so the buttons are pressed without the mouse.
  for (let index = 0; index < apps.length; index++) {
    await open.first().dispatchEvent("click");
    await expect(open).toHaveCount(apps.length - index - 1);
  }
}

export const windowOf = (person: Person, app: string): Locator =>
  person.page.locator(`[data-window][aria-label="${app}"]`);

/** Closes all windows of apps. */
export async function closeApps(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    for (const window of document.querySelectorAll("[data-window]:has(.app)"))
      window.querySelector<HTMLButtonElement>('button[aria-label^="Close"]')?.click();
  });
  await expect(person.page.locator(".app")).toHaveCount(0);
}

/** The results of an app's attempts, when the app is done. */
export async function resultsOf(
  frame: ReturnType<Locator["frameLocator"]> | Page,
  app: string,
): Promise<Tried> {
  const out = frame.locator("#out[data-done]");
  await expect(out, `${app} is done`).toBeAttached({ timeout: 40_000 });
  return JSON.parse((await out.textContent()) ?? "{}");
}
