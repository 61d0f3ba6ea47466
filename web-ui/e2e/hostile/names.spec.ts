import { expect, test } from "../support/fixtures";
import { linkFor, roomSession } from "../support/room-session";
import { Publisher } from "./deploy";
import { expectRoomWorks, pageState, Witness, watchErrors } from "./room";

const LONG = 4_000;

/** Names that would be markup, paths, other people's text or properties of objects, if a page took them for such. */
const NAMES = [
  '<img src=x onerror="pwned=1">.jsx',
  '"><script>pwned=1</script>.css',
  "../../../etc/passwd.html",
  "https://example.com/a.js",
  "javascript:pwned=1//.js",
  "__proto__",
  "constructor",
  "txt.\u202ecssj.exe",
  "nul\u0000l\nline.json",
  "\ud800half.svg",
  `${"long".repeat(LONG / 4)}.jsx`,
];

const VALUES: Readonly<Record<string, string>> = {
  CLOSING: "</script><script>pwned=1</script><!--",
  COMMENT: "<!--<script>",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template string of an app would run it
  LINES: "a\u2028b\u2029c\n'\"`${pwned=1}\\",
  MARKUP: '"><img src=x onerror="pwned=1">',
  ["__proto__"]: "polluted",
};

test("hostile names of files, apps and state are shown as text in the app window and the Publish dialog, and change nothing of the page", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  // The server refuses to publish the names, and the browser writes that to the console.
  ada.ignoresNetworkErrors = true;
  await ada.openRoom(server.url, "Names");
  const witness = await Witness.join(await linkFor(ada, "player"));
  await watchErrors(ada.page);
  const before = await pageState(ada.page);
  const title = '<b onclick="pwned=1">Names</b>';
  // The page's own commands, as a client with a modified page calls them.
  await (await roomSession(ada.page)).evaluate(
    (room, { names, title }) => {
      room.change((doc) => {
        const notes = doc.notes as unknown as Record<string, { text: string }>;
        notes["n-start"] = { text: "<h1>start</h1>" };
        for (const [at] of names.entries()) notes[`n-${at}`] = { text: `code ${at}` };
        const by = room.me.identity;
        const files = names.map((name, at) => ({ name, note: `n-${at}` }));
        const version = { ref: "note:n-start", by, at: 1, fix: false, from: "", files };
        const state = Object.fromEntries(names.slice(0, 5).map((name) => [name, "1"]));
        const place = { x: 100, y: 60, width: 560, height: 480, z: 99 };
        const window = { type: "app", title, ref: "note:n-start", state: "open", createdBy: by, ...place };
        const windows = doc.windows as unknown as Record<string, unknown>;
        windows["hostile-names"] = {
          ...window,
          props: { file: '"><i>start.html', state, versions: [version] },
        };
      });
    },
    { names: NAMES, title },
  );
  const app = ada.page.locator('[data-window="hostile-names"]');
  await expect(app.frameLocator("iframe").getByRole("heading", { name: "start" })).toBeVisible({
    timeout: 30_000,
  });
  await expect(app.getByRole("heading", { name: title })).toBeVisible();
  await app.getByRole("tab", { name: "Code" }).click();
  const files = app.getByRole("list", { name: "Files" });
  const shown = await files.getByRole("button").allTextContents();
  expect(shown).toHaveLength(NAMES.length + 1);
  for (const name of NAMES.slice(0, 7)) expect(shown).toContain(name);
  for (let at = 0; at < shown.length; at++) {
    await files.getByRole("button").nth(at).dispatchEvent("click");
    await expect(app.locator(".cm-content")).toHaveText(at === 0 ? "<h1>start</h1>" : `code ${at - 1}`);
  }
  // A long name takes no space of the room.
  const [box, bar] = await Promise.all([app.boundingBox(), files.boundingBox()]);
  expect(bar?.width).toBeLessThanOrEqual(box?.width ?? 0);
  expect(bar?.height).toBeLessThan(140);
  expect(await app.locator("[onclick], [onerror], img, script").count()).toBe(0);

  await app.getByRole("button", { name: "Publish" }).click();
  const dialog = ada.page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Publish v1" }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  expect(await dialog.locator("img, script, [onclick]").count()).toBe(0);
  await ada.page.keyboard.press("Escape");
  await expectRoomWorks(ada, witness);
  expect(await pageState(ada.page)).toEqual(before);
});

test("hostile values of an app's settings stay text in its page, and hostile file names are refused with the field's name", async ({
  page,
  server,
}) => {
  const mallory = await Publisher.arrive(server.url);
  const start = {
    type: "code-block",
    lang: "html",
    filename: "/index.html",
    content: "<h1>Values</h1><script></script>",
  };
  const { status, text } = await mallory.send("values", [start], VALUES);
  expect(status, text).toBe(200);
  await page.goto(JSON.parse(text).entryPointUrl);
  await expect(page.getByRole("heading", { name: "Values" })).toBeVisible();
  const read = await page.evaluate(() => {
    const own = globalThis as unknown as {
      readonly parlor: { readonly env: object };
      readonly pwned?: unknown;
    };
    const isClean = own.pwned === undefined && !("polluted" in Object.prototype);
    return { values: Object.entries(own.parlor.env), isClean, images: document.images.length };
  });
  expect(read.isClean).toBe(true);
  expect(read.images).toBe(0);
  expect(read.values.sort()).toEqual(Object.entries(VALUES).sort());
  for (const name of NAMES) {
    const refused = await mallory.send("names", [{ ...start, filename: `/${name}` }]);
    expect(refused.status, name).toBe(400);
    expect(JSON.parse(refused.text).message, name).toContain("fileSystem");
  }
});
