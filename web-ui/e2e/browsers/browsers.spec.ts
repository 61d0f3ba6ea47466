import { expect, test } from "../support/fixtures";
import { findFirefox } from "./firefox";
import { Visitor } from "./visitor";
import { findWebKit } from "./webkit";

const APP = `<title>Votes</title>
<h1>Votes</h1>
<script>
  parlor.state.set("seen-by", parlor.viewer.name);
  parlor.state.set("storage", String(localStorage.length));
</script>`;
const ANSWER = `Plant the beans in May, when the soil is warm. Water them every evening.

\`\`\`html
${APP}
\`\`\`
`;

for (const { browser, find } of [
  { browser: "Firefox", find: findFirefox },
  { browser: "WebKitGTK", find: findWebKit },
])
  test(`a person with ${browser} enters a room, plays a card, asks, reads the answer as it is written, chats, edits a note together with a person in Chromium, and opens an app`, async ({
    arrive,
    server,
    model,
  }) => {
    const found = find();
    const missing = "missing" in found ? found.missing : null;
    if (missing !== null) process.stdout.write(`  ${missing} The story in ${browser} does not run.\n`);
    test.skip(missing !== null, missing ?? "");
    if ("missing" in found) return;
    const ada = await arrive("Ada", { reducedMotion: "reduce" });
    const [other, link] = await Promise.all([found.start(), ada.openRoom(server.url, "Beans")]);
    try {
      const visitor = new Visitor(other);
      await visitor.follow(link, "Vera");
      await expect(
        ada.region("People").getByRole("button", { name: "2 people here: Ada (you), Vera" }),
      ).toBeVisible();

      const before = (await ada.stack()).length;
      await visitor.press('button[aria-label^="Play "]');
      await expect.poll(async () => (await ada.stack()).length).toBe(before + 1);

      model.answer = ANSWER;
      model.pauseAt = 48;
      await visitor.write('textarea[aria-label="Query"]', "When do I plant beans?");
      await visitor.press("button", "Generate");
      await visitor.sees('[data-answer][data-status="running"]', "when the soil is warm");
      model.pauseAt = Number.POSITIVE_INFINITY;
      await visitor.sees('[data-answer][data-status="done"]', "Water them every evening.");
      await expect(ada.region("Output")).toContainText("Water them every evening.");

      await visitor.write('textarea[aria-label="Message"]', "Hello from here\n");
      await expect(ada.region("Chat").getByText("Hello from here", { exact: true })).toBeVisible();
      await ada.region("Chat").getByRole("textbox", { name: "Message" }).fill("Hello back");
      await ada.page.keyboard.press("Enter");
      await visitor.sees('[aria-label="Messages"]', "Hello back");

      const note = '[aria-label="Note: Shared notes"] .cm-content';
      await visitor.write(note, "Water at noon. ");
      await expect.poll(() => ada.noteText()).toContain("Water at noon.");
      await ada.note().click();
      await ada.page.keyboard.press("Control+End");
      await ada.page.keyboard.type(" Never at night.");
      await visitor.sees(note, "Never at night.");
      expect((await visitor.textOf(note))?.trim()).toBe((await ada.noteText()).trim());

      await visitor.press("button", "Open as app");
      // The app tells over the room's document where it runs, since no script of the page sees into its frame.
      for (const frame of [
        ada.region("Votes").frameLocator("iframe").getByRole("heading", { name: "Votes" }),
      ])
        await expect(frame).toBeVisible({ timeout: 20_000 });
      await visitor.sees(".app-foot", "seen-by");
      expect(await visitor.errors()).toEqual([]);
    } finally {
      await other.stop();
    }
  });
