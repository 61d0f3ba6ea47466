import { type APIRequestContext, expect, type Page } from "@playwright/test";
import { type NewRoom, newRoom } from "../panels/people";

/** A room like after a long afternoon: this many chat messages and answers. */
const LINES = 2_000;
const ANSWERS = 300;

/** Imports a room with many messages and answers. Returns it with the links of its owner. */
export async function longRoom(request: APIRequestContext): Promise<NewRoom> {
  const small = await newRoom(request);
  const response = await request.get(`/api/rooms/${small.slug}/export?as=json`, {
    headers: { "Parlor-Key": small.key },
  });
  const room = JSON.parse(await response.text());
  const at = Date.now() - 3_600_000;
  room.chat = Array.from({ length: LINES }, (_, n) => ({
    id: `m${n}`,
    by: "id_writer",
    at: at + n,
    kind: "say",
    text: `Line ${n} of a long afternoon in which people wrote much.`,
    replyTo: null,
  }));
  room.results = Object.fromEntries(
    Array.from({ length: ANSWERS }, (_, n) => [
      `r${String(n).padStart(4, "0")}`,
      {
        by: "id_writer",
        query: `Question ${n}`,
        prompt: "",
        model: "rehearsal",
        cards: [],
        chunks: [`## Answer ${n}\n\n${"A sentence of the answer. ".repeat(30)}`],
        status: "done",
        reason: null,
        usage: null,
        epoch: n + 1,
        startedAt: at + n * 1_000,
        endedAt: at + n * 1_000 + 500,
        ttftMs: 100,
        totalMs: 500,
      },
    ]),
  );
  const imported = await request.post("/api/rooms/import", { data: room });
  expect(imported.status(), await imported.text()).toBe(201);
  const { slug, links } = await imported.json();
  return { slug, links, key: new URL(links.host).hash.replace("#k=", "") };
}

/** Resolves with the time at which the page has drawn a text that appears in an element. */
export const drawn = (page: Page, selector: string, text: string): Promise<number> =>
  page.evaluate(
    ([where, wanted]) =>
      new Promise<number>((resolve) => {
        const root = document.querySelector(where as string);
        if (root === null) throw new Error(`no ${where}`);
        const observer = new MutationObserver(() => {
          if (!root.textContent?.includes(wanted as string)) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(Date.now()));
        });
        observer.observe(root, { childList: true, subtree: true, characterData: true });
      }),
    [selector, text] as const,
  );
