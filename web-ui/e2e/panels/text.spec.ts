import { type APIRequestContext, type CDPSession, expect, type Locator, test } from "@playwright/test";
import type { RoomSession } from "../../src/room/session";
import { roomSession } from "../support/room-session";
import { tagged } from "../support/tags";
import { enter, type NewRoom, newRoom, type Participant, pair, roomJson } from "./people";

/* Two people edit the same text at once: no word is split, and every editor shows the document's text. */

/** The text that an editor shows, without the names at other people's carets. Each line break is one "\n". */
function shownText(editor: Locator): Promise<string> {
  return editor.evaluate((element) => {
    if (element instanceof HTMLInputElement) return element.value;
    return [...element.querySelectorAll(".cm-line")]
      .map((line) => {
        const copy = line.cloneNode(true) as Element;
        for (const other of copy.querySelectorAll(".caret")) other.remove();
        return copy.textContent;
      })
      .join("\n");
  });
}

/** The text in this page's copy of the document. */
async function documentText(person: Participant, path: readonly string[]): Promise<string> {
  const room = await roomSession(person.page);
  return room.evaluate((session: RoomSession, keys) => {
    let node: unknown = session.handle.doc();
    for (const key of keys) node = (node as Record<string, unknown>)[key];
    return String(node);
  }, path);
}

const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, "\n");

/** Waits until all pages have the same text and show it; returns the text. */
async function expectSameText(
  path: readonly string[],
  ...editors: readonly [Participant, Locator][]
): Promise<string> {
  const [first] = editors;
  if (first === undefined) throw new Error("no editors to compare");
  await expect
    .poll(async () => new Set(await Promise.all(editors.map(([person]) => documentText(person, path)))).size)
    .toBe(1);
  const text = await documentText(first[0], path);
  for (const [, editor] of editors) await expect.poll(() => shownText(editor)).toBe(withLineFeeds(text));
  return text;
}

async function firstNote(person: Participant): Promise<string> {
  const room = await roomSession(person.page);
  return room.evaluate((session: RoomSession) => Object.keys(session.handle.doc().notes)[0] ?? "");
}

async function firstCard(person: Participant): Promise<string> {
  return (await person.stack.locator("[data-card]").first().getAttribute("data-card")) ?? "";
}

async function cardEditor(person: Participant): Promise<Locator> {
  await person.stack.locator("[data-card]").first().getByRole("button", { name: "Edit text" }).click();
  return person.stack.getByRole("textbox", { name: "Card text" });
}

async function promptEditor(person: Participant): Promise<Locator> {
  await person.page.getByRole("button", { name: "More" }).click();
  await person.page.getByRole("menuitem", { name: "Room settings" }).click();
  return person.page.getByRole("textbox", { name: "System prompt" });
}

interface SharedText {
  readonly path: readonly string[];
  readonly open: (person: Participant) => Promise<Locator>;
}

const TEXTS: Readonly<Record<string, (person: Participant) => Promise<SharedText>>> = {
  note: async (person) => ({
    path: ["notes", await firstNote(person), "text"],
    open: async (each) => each.note("Shared notes"),
  }),
  card: async (person) => ({ path: ["cards", await firstCard(person), "text"], open: cardEditor }),
  "system prompt": async () => ({ path: ["settings", "systemPrompt"], open: promptEditor }),
  title: async () => ({ path: ["title"], open: async (each) => each.page.getByLabel("Room title") }),
};

/** The editor of many lines and the field of one line. */
const ALWAYS = ["note", "title"];

/** Two hosts in a room, since only hosts can write the system prompt. */
async function twoHosts(
  browser: Parameters<typeof enter>[0],
  room: NewRoom,
): Promise<[Participant, Participant]> {
  const amber = await enter(browser, room.links.host, "Amber Otter");
  const quiet = await enter(browser, room.links.host, "Quiet Heron");
  await amber.awaitSaved();
  await quiet.awaitSaved();
  return [amber, quiet];
}

for (const [name, locate] of Object.entries(TEXTS)) {
  test(
    `two people who type at one caret of a ${name} at once both keep their words whole`,
    tagged(ALWAYS.includes(name)),
    async ({ browser, request }) => {
      const [amber, quiet] = await twoHosts(browser, await newRoom(request));
      const { path, open } = await locate(amber);
      const [amberEditor, quietEditor] = [await open(amber), await open(quiet)];
      await amberEditor.click();
      await amber.page.keyboard.press("Control+a");
      await amber.page.keyboard.type("Shopping:  done");
      await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
      for (const [person, editor] of [
        [amber, amberEditor],
        [quiet, quietEditor],
      ] as const) {
        await editor.click();
        await person.page.keyboard.press("End");
        for (let i = 0; i < 5; i++) await person.page.keyboard.press("ArrowLeft");
      }
      await Promise.all([
        amber.page.keyboard.type("bread and butter", { delay: 15 }),
        quiet.page.keyboard.type("MILK AND EGGS", { delay: 17 }),
      ]);
      const text = await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
      expect(text).toContain("bread and butter");
      expect(text).toContain("MILK AND EGGS");
      expect(text).toHaveLength(
        "Shopping:  done".length + "bread and butter".length + "MILK AND EGGS".length,
      );
      await amber.leave();
      await quiet.leave();
    },
  );
}

test("words that two people wrote offline at one caret are whole after the merge, and so are later words", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  const { path } = await (TEXTS.note as (typeof TEXTS)[string])(amber);
  const [amberEditor, quietEditor] = [amber.note("Shared notes"), quiet.note("Shared notes")];
  await amberEditor.click();
  await amber.page.keyboard.type("Both: ");
  await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
  await quietEditor.click();
  await quiet.page.keyboard.press("Control+End");
  await amber.setOffline(true);
  await quiet.setOffline(true);
  await amber.page.keyboard.type("one two");
  await quiet.page.keyboard.type("THREE FOUR");
  await amber.setOffline(false);
  await quiet.setOffline(false);
  await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
  await Promise.all([
    amber.page.keyboard.type(" five", { delay: 10 }),
    quiet.page.keyboard.type(" SIX", { delay: 10 }),
  ]);
  const text = await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
  expect(text).toContain("one two five");
  expect(text).toContain("THREE FOUR SIX");
  await amber.leave();
  await quiet.leave();
});

test(
  "another person's paste, removal and replacement around the caret leave every word whole",
  tagged(false),
  async ({ browser, request }) => {
    const { amber, quiet } = await pair(browser, request);
    const { path } = await (TEXTS.note as (typeof TEXTS)[string])(amber);
    const [amberEditor, quietEditor] = [amber.note("Shared notes"), quiet.note("Shared notes")];
    await amberEditor.click();
    await amber.page.keyboard.type("one two three");
    await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
    await amber.page.keyboard.press("Control+Home");
    for (let i = 0; i < 4; i++) await amber.page.keyboard.press("ArrowRight");
    await quietEditor.click();
    await quiet.page.keyboard.press("Control+Home");
    for (let i = 0; i < 4; i++) await quiet.page.keyboard.press("ArrowRight");
    await quiet.page.keyboard.insertText("pasted 😀 words\nand a line ");
    await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
    await amber.page.keyboard.type("A");
    await expect.poll(() => shownText(quietEditor)).toBe("one Apasted 😀 words\nand a line two three");
    await quiet.page.keyboard.press("Control+a");
    await quiet.page.keyboard.type("new");
    await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
    await amber.page.keyboard.type("B");
    expect(await expectSameText(path, [amber, amberEditor], [quiet, quietEditor])).toMatch(/^(Bnew|newB)$/);
    await amber.page.keyboard.press("Control+End");
    await quiet.page.keyboard.press("Control+a");
    await quiet.page.keyboard.type("other");
    await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
    await amber.page.keyboard.type("C");
    expect(await expectSameText(path, [amber, amberEditor], [quiet, quietEditor])).toBe("otherC");
    await amber.leave();
    await quiet.leave();
  },
);

/** Creates a room whose texts all equal this text, through the import over HTTP. */
async function importRoom(request: APIRequestContext, text: string): Promise<NewRoom> {
  const old = await newRoom(request, "From a file");
  const exported = await request.get(`/api/rooms/${old.slug}/export?as=json`, {
    headers: { "Parlor-Key": old.key },
  });
  const file = await exported.json();
  for (const card of Object.values(file.cards) as { text: string }[]) card.text = text;
  for (const note of Object.values(file.notes) as { text: string }[]) note.text = text;
  file.settings.systemPrompt = text;
  file.title = text;
  const response = await request.post("/api/rooms/import", { data: file });
  expect(response.status(), await response.text()).toBe(201);
  const { slug, links } = await response.json();
  return { slug, links, key: new URL(links.host).hash.replace("#k=", "") };
}

const MIXED = "alpha\r\nbeta\r\r\ngamma\u2028x\u0000y\r😀 e\u0301\tend\r\n";

for (const [name, locate] of Object.entries(TEXTS)) {
  test(
    `in a ${name} with CR LF a typed letter appears at the caret`,
    tagged(ALWAYS.includes(name)),
    async ({ browser, request }) => {
      const room = await importRoom(request, "alpha\r\nbeta\r\ngamma");
      const [amber, quiet] = await twoHosts(browser, room);
      const { path, open } = await locate(amber);
      const [amberEditor, quietEditor] = [await open(amber), await open(quiet)];
      await amberEditor.focus();
      await amber.page.keyboard.press("Control+End");
      await amber.page.keyboard.type("!");
      await expect.poll(() => documentText(quiet, path)).toBe("alpha\r\nbeta\r\ngamma!");
      await amber.page.keyboard.press("Control+Home");
      for (let i = 0; i < 2; i++) await amber.page.keyboard.press("ArrowRight");
      await amber.page.keyboard.type("?");
      await expect.poll(() => documentText(quiet, path)).toBe("al?pha\r\nbeta\r\ngamma!");
      if (name !== "title") {
        await quietEditor.focus();
        await quiet.page.keyboard.press("Control+Home");
        await quiet.page.keyboard.press("End");
        await quiet.page.keyboard.type("#");
        await quiet.page.keyboard.press("ArrowDown");
        await quiet.page.keyboard.press("Home");
        await quiet.page.keyboard.press("Backspace");
        await quiet.page.keyboard.type("-");
        await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
        expect(await documentText(amber, path)).toBe("al?pha#-beta\r\ngamma!");
      }
      const json = await roomJson(request, room);
      await expect
        .poll(async () => JSON.stringify(await roomJson(request, room)).includes("gamma!"))
        .toBe(true);
      expect(json.slug ?? room.slug).toBe(room.slug);
      await amber.leave();
      await quiet.leave();
    },
  );
}

test("a note with every kind of line end, invisible characters and emoji accepts letters at each position", async ({
  browser,
  request,
}) => {
  const room = await importRoom(request, MIXED);
  const [amber, quiet] = await twoHosts(browser, room);
  const { path } = await (TEXTS.note as (typeof TEXTS)[string])(amber);
  const before = await documentText(amber, path);
  const [amberEditor, quietEditor] = [amber.note("Shared notes"), quiet.note("Shared notes")];
  await amberEditor.focus();
  await amber.page.keyboard.press("Control+Home");
  // Types one letter before each character of the text, and moves on with the arrow key.
  const characters = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(before)].map(
    ({ segment }) => segment,
  );
  let wanted = "";
  for (const character of characters) {
    await amber.page.keyboard.type("z");
    await amber.page.keyboard.press("ArrowRight");
    wanted += `z${character}`;
  }
  await expect.poll(() => documentText(quiet, path)).toBe(wanted);
  expect(await documentText(amber, path)).toBe(wanted);
  await quietEditor.focus();
  await quiet.page.keyboard.press("Control+End");
  await quiet.page.keyboard.type("last");
  await expect.poll(() => documentText(amber, path)).toBe(`${wanted}last`);
  await amber.leave();
  await quiet.leave();
});

/** Composes letter by letter as an input method does, then commits. `between` runs after each letter. */
async function compose(
  cdp: CDPSession,
  steps: readonly string[],
  commit: string,
  between: (step: number) => Promise<void>,
): Promise<void> {
  for (const [i, text] of steps.entries()) {
    await cdp.send("Input.imeSetComposition", {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
    await between(i);
  }
  await cdp.send("Input.insertText", { text: commit });
}

/** Where the other person writes: the words for it, the letters before it, and the text that both have then. */
const PLACES = [
  ["before", 0, "XYline: 你好 end"],
  ["inside", 7, /^line: (X?Y?你好X?Y?) end$/],
  ["at the place of", 6, /^line: (XY你好|你好XY) end$/],
  ["behind", -1, "line: 你好 endXY"],
] as const;

for (const [name, locate] of Object.entries(TEXTS)) {
  const places = name === "note" ? PLACES : PLACES.slice(0, 2);
  test(
    `composing in a ${name} is undisturbed while another person writes ${places.map(([where]) => where).join(", ")} the composed letters`,
    tagged(name === "note"),
    async ({ browser, request }) => {
      const [amber, quiet] = await twoHosts(browser, await newRoom(request));
      const { path, open } = await locate(amber);
      const [amberEditor, quietEditor] = [await open(amber), await open(quiet)];
      const cdp = await amber.context.newCDPSession(amber.page);
      await amber.page.evaluate(() => {
        document.addEventListener("compositionend", () => {
          document.body.dataset.ends = String(Number(document.body.dataset.ends ?? 0) + 1);
        });
      });
      const letters = ["n", "ni", "nih", "niha", "nihao"];
      for (const [where, at, result] of places)
        await test.step(where, async () => {
          await amberEditor.click();
          await amber.page.keyboard.press("Control+a");
          await amber.page.keyboard.type("line:  end");
          await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
          for (let i = 0; i < 4; i++) await amber.page.keyboard.press("ArrowLeft");
          await amber.page.evaluate(() => delete document.body.dataset.ends);
          await compose(cdp, letters, "你好", async (step) => {
            expect(await shownText(amberEditor), "the composed letters are in one piece").toContain(
              letters[step],
            );
            if (step === 1) {
              await quietEditor.click();
              await quiet.page.keyboard.press(at < 0 ? "Control+End" : "Control+Home");
              await quiet.page.keyboard.press(at < 0 ? "End" : "Home");
              for (let i = 0; i < at; i++) await quiet.page.keyboard.press("ArrowRight");
              await quiet.page.keyboard.type("X");
              await expect.poll(() => documentText(amber, path)).toContain("X");
            }
            if (step === 3) {
              await quiet.page.keyboard.type("Y");
              await expect.poll(() => documentText(amber, path)).toContain("Y");
            }
            expect(
              await amber.page.locator("body").getAttribute("data-ends"),
              "the composition has not ended",
            ).toBeNull();
          });
          await expect(amber.page.locator("body")).toHaveAttribute("data-ends", "1");
          const text = await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
          if (typeof result === "string") expect(text).toBe(result);
          else expect(text).toMatch(result);
          // The next letter that is typed follows the composed word.
          await amber.page.keyboard.type("!");
          expect(await expectSameText(path, [amber, amberEditor], [quiet, quietEditor])).toContain("你好!");
        });
      await amber.leave();
      await quiet.leave();
    },
  );
}

test("while a person composes in a note, another person's line appears at once and the composition continues [TX4]", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  const { path } = await (TEXTS.note as (typeof TEXTS)[string])(amber);
  const [amberEditor, quietEditor] = [amber.note("Shared notes"), quiet.note("Shared notes")];
  await amberEditor.click();
  await amber.page.keyboard.type("first");
  await amber.page.keyboard.press("Enter");
  await amber.page.keyboard.type("second");
  await expectSameText(path, [amber, amberEditor], [quiet, quietEditor]);
  const cdp = await amber.context.newCDPSession(amber.page);
  await compose(cdp, ["k", "ka", "kan"], "漢", async (step) => {
    if (step !== 1) return;
    await quietEditor.click();
    await quiet.page.keyboard.press("Control+Home");
    await quiet.page.keyboard.type("zeroth ");
    await expect.poll(() => shownText(amberEditor)).toBe("zeroth first\nsecondka");
  });
  expect(await expectSameText(path, [amber, amberEditor], [quiet, quietEditor])).toBe(
    "zeroth first\nsecond漢",
  );
  await amber.leave();
  await quiet.leave();
});

test("a paste of 320,000 letters arrives whole at the other person, in few changes, and only the lines near the view are drawn", async ({
  browser,
  request,
}) => {
  const { amber, quiet, room } = await pair(browser, request);
  const { notes } = await roomJson(request, room);
  const path = ["notes", Object.keys(notes)[0] ?? "", "text"];
  const pasted = Array.from({ length: 6_000 }, (_, n) => `Line ${n} of a long text.`.padEnd(53, ".")).join(
    "\n",
  );
  const changes = async (): Promise<number> =>
    (await roomSession(quiet.page)).evaluate((session: RoomSession) => session.handle.history()?.length ?? 0);
  const before = await changes();
  await amber.page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
  await amber.note("Shared notes").click();
  await amber.page.keyboard.press("ControlOrMeta+V");
  await expect
    .poll(async () => (await documentText(quiet, path)).length, { timeout: 60_000 })
    .toBe(pasted.length);
  expect(await documentText(quiet, path)).toBe(pasted);
  expect((await changes()) - before).toBeLessThanOrEqual(Math.ceil(pasted.length / 32_768) + 2);
  for (const person of [amber, quiet]) {
    const note = person.note("Shared notes");
    await note.press("ControlOrMeta+End");
    await expect(note).toContainText("Line 5999 of a long text.");
    expect(await note.locator(".cm-line").count()).toBeLessThan(200);
  }
  // Undo takes the parts away one by one.
  await amber.page.keyboard.press("ControlOrMeta+Z");
  await expect.poll(async () => (await documentText(quiet, path)).length).toBe(9 * 32_768);
  await amber.leave();
  await quiet.leave();
});
