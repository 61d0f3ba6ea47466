import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { Pictures, type Size } from "./support/pictures";
import { linkFor, roomSession } from "./support/room-session";

const FOLDER = fileURLToPath(new URL("../../docs/tour", import.meta.url));

/** The folder of the front page, which shows the picture of a room. */
const FRONT = fileURLToPath(new URL("../src/front", import.meta.url));

const DRAFT = `Parlor is one room in which several people write one prompt.

Each person holds a few cards. **You play one, another person plays the next**, and the stack becomes the prompt. All of you watch the answer arrive.

1. Open a room and send the link.
2. Play a card, or write your own.
3. Press Generate.

| Before | In the room |
| --- | --- |
| One person types, four wait | All of you add to one prompt |
| The tunnel ends the call | Your words wait, then merge |

`;

const SHORTER = `One room. One stack of cards. One answer.

Play a card, watch the answer arrive, and play another.`;

const ANOTHER = `You are five people and one of you shares a screen. Four of you wait.

In Parlor each of you adds a card, and **the answer belongs to all of you**.`;

const LONG = `Nobody waits for a turn. You write while the answer is still arriving, and your question waits in the queue that everybody sees. `;

const APP = `Here is a poll for the group.

\`\`\`jsx
import { useEffect, useState } from "react";

const DAYS = ["Friday", "Saturday", "Sunday"];

export default function DayPoll() {
  const [votes, setVotes] = useState(() => parlor.state.get("votes") ?? [3, 5, 2]);
  useEffect(() => parlor.state.subscribe("votes", (next) => setVotes(next ?? [3, 5, 2])), []);
  const vote = (day) => parlor.state.set("votes", votes.map((n, i) => (i === day ? n + 1 : n)));
  return (
    <main style={{ font: "16px system-ui", padding: 24, maxWidth: 420 }}>
      <h1 style={{ fontSize: 22 }}>When do we leave?</h1>
      {DAYS.map((day, i) => (
        <button key={day} onClick={() => vote(i)} style={{ display: "block", width: "100%", margin: "8px 0",
          padding: 12, border: "1px solid #8a8", borderRadius: 8, background: "#eef6ee", textAlign: "left" }}>
          {day}: {votes[i]}
        </button>
      ))}
    </main>
  );
}
\`\`\`
`;

const isPhone = ({ width }: Size): boolean => width < 700;

const tab = (person: Person, name: string) => person.page.getByRole("tab", { name: new RegExp(`^${name}`) });

async function ask(person: Person, query: string): Promise<void> {
  await person.page.getByRole("textbox", { name: "Query" }).fill(query);
  await person.page.getByRole("button", { name: "Generate", exact: true }).click();
}

async function answered(person: Person): Promise<void> {
  const last = person.region("Output").locator("[data-answer]").last();
  await expect(last).toHaveAttribute("data-status", "done", { timeout: 30_000 });
}

async function say(person: Person, text: string): Promise<void> {
  const field = person.region("Chat").getByRole("textbox", { name: "Message" });
  await field.fill(text);
  await field.press("Enter");
}

/** Plays a card with the person's own text. */
async function play(person: Person, kind: string, text: string): Promise<void> {
  await person.page.getByRole("button", { name: "Custom card" }).click();
  const dialog = person.page.getByRole("dialog", { name: "Custom card" });
  await dialog.getByText(kind, { exact: true }).click();
  await dialog.getByRole("textbox").fill(text);
  await dialog.getByRole("button", { name: "Play card" }).click();
  await expect(dialog).toBeHidden();
}

/** Opens a dialog of the room by the button in the header, or by the menu where the header has no space for it. */
async function openDialog(person: Person, button: string, title: string): Promise<void> {
  const { page } = person;
  await page.keyboard.press("Escape");
  const own = page.locator("header").getByRole("button", { name: button, exact: true });
  if (await own.isVisible()) await own.click();
  else {
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: new RegExp(`^${button}`) }).click();
  }
  await expect(page.getByRole("dialog", { name: title })).toBeVisible();
}

test("the picture tour shows each view of the page", async ({ arrive, server, model }) => {
  test.setTimeout(900_000);
  const pictures = new Pictures(FOLDER);
  const still = { reducedMotion: "reduce" } as const;
  const amber = await arrive("Amber Otter", still);
  const quiet = await arrive("Quiet Heron", still);
  const { page } = amber;
  for (const person of [amber, quiet]) person.page.setDefaultTimeout(20_000);
  model.pieceDelayMillis = 1;

  await page.goto(server.url);
  await pictures.take(page, "front", "Front page, first visit");

  await page.setViewportSize({ width: 1440, height: 900 });
  await amber.openRoom(server.url, "Launch page copy");
  await amber.awaitSaved();
  await pictures.take(page, "empty", "A new room", async (size) => {
    if (isPhone(size)) await tab(amber, "Output").click();
  });

  await page.setViewportSize({ width: 1440, height: 900 });
  const link = await linkFor(amber, "player");
  await quiet.page.goto(link);
  await expect(quiet.page.getByLabel("Your name in this room")).toBeVisible();
  await quiet.page.getByLabel("Your name in this room").fill("Quiet Heron");
  await pictures.take(quiet.page, "join", "Joining by a link");
  await quiet.page.setViewportSize({ width: 1440, height: 900 });
  await quiet.page.getByRole("button", { name: "Join the room" }).click();
  await quiet.awaitRoom();

  await play(amber, "Role", "A patient editor who has shipped software");
  await play(quiet, "Tone", "Formal, but the tie is loose");
  await play(amber, "Tone", "Plain and warm, no slogans");
  await play(quiet, "Constraint", "Every sentence under twelve words");
  await say(quiet, "The academic tone made it read like a grant.");
  await say(amber, "I added a warmer one. The lowest tone wins.");
  await say(quiet, "Good. Ask for the launch page.");
  await amber.note().click();
  await page.keyboard.type("Say room, not workspace. Lead with the tunnel.");
  await expect.poll(() => quiet.noteText()).toContain("tunnel");

  // The model pauses, so that the answer is still being written while the pictures are taken.
  model.answer = DRAFT + LONG;
  model.pauseAt = DRAFT.length + 60;
  await ask(amber, "Write the launch page for a room where people prompt together");
  await expect(amber.region("Output")).toContainText("Nobody waits", { timeout: 30_000 });
  await pictures.take(page, "room", "Two people, and an answer that is being written", async (size) => {
    if (isPhone(size)) await tab(amber, "Output").click();
    await quiet.page.mouse.move(320 + size.width / 90, 430, { steps: 3 });
  });

  await page.setViewportSize({ width: 1440, height: 900 });
  await ask(quiet, "Make it shorter");
  await expect(amber.region("Queue")).toContainText("Make it shorter");
  await ask(amber, "Three headlines for it");
  await expect(amber.region("Queue").getByRole("button", { name: /more in the queue$/ })).toBeVisible();
  await pictures.take(page, "queue", "Questions that wait in the queue", async (size) => {
    if (isPhone(size)) await tab(amber, "Output").click();
    const more = amber.region("Queue").getByRole("button", { name: /more in the queue$/ });
    if (await more.isVisible()) await more.click();
  });
  await page.setViewportSize({ width: 1440, height: 900 });
  model.pauseAt = Number.POSITIVE_INFINITY;
  await answered(amber);
  await expect(amber.region("Queue")).toHaveCount(0, { timeout: 30_000 });
  await answered(amber);

  model.answer = SHORTER;
  await ask(amber, "Shorter, for a poster");
  await answered(amber);
  model.answer = ANOTHER;
  await amber
    .region("Output")
    .getByRole("article")
    .last()
    .getByRole("button", { name: "Regenerate" })
    .click();
  await expect(amber.region("Output")).toContainText("belongs to all of you", { timeout: 30_000 });
  await answered(amber);
  await pictures.take(page, "thread", "A conversation with two versions of an answer", async (size) => {
    if (isPhone(size)) await tab(amber, "Output").click();
  });

  await page.setViewportSize({ width: 1440, height: 900 });
  for (const [name, label] of [
    ["stack", "Stack"],
    ["chat", "Chat"],
    ["windows", "Windows"],
  ] as const)
    await pictures.take(page, `phone-${name}`, `${label} on a phone`, () => tab(amber, label).click(), [390]);

  await page.setViewportSize({ width: 1440, height: 900 });
  await pictures.take(page, "prompt", "The stack's second face: the prompt", async (size) => {
    if (isPhone(size)) await tab(amber, "Stack").click();
    await amber.region("Stack").getByText("Prompt", { exact: true }).click();
    await expect(amber.region("Stack")).toContainText("A patient editor");
  });
  await amber.region("Stack").getByText("Cards", { exact: true }).first().click();

  await pictures.take(page, "share", "Share", () => openDialog(amber, "Share", "Invite people"));
  await pictures.take(page, "settings", "Room settings", () =>
    openDialog(amber, "Room settings", "Room settings"),
  );
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1440, height: 900 });

  await pictures.take(page, "people", "People in the room", async () => {
    await page.keyboard.press("Escape");
    await page
      .locator("header")
      .getByRole("button", { name: /people here|person here/ })
      .click();
  });
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1440, height: 900 });

  model.answer = APP;
  await ask(quiet, "A poll: which day do we leave?");
  await answered(quiet);
  await expect(amber.region("Output").getByRole("button", { name: "Open as app" })).toBeVisible();
  await amber.region("Output").getByRole("button", { name: "Open as app" }).click();
  const app = amber.region("Day poll");
  await expect(app.frameLocator("iframe").getByText("When do we leave?")).toBeVisible({ timeout: 30_000 });
  await pictures.take(page, "app", "An app from an answer", async (size) => {
    if (isPhone(size)) await tab(amber, "App").click();
    await expect(app.frameLocator("iframe").getByText("When do we leave?")).toBeVisible({ timeout: 30_000 });
  });
  await pictures.take(page, "publish", "Publishing an app", async (size) => {
    await page.keyboard.press("Escape");
    if (isPhone(size)) await tab(amber, "App").click();
    await app.getByRole("button", { name: "Publish" }).click();
    await expect(page.getByRole("dialog", { name: /^Publish/ })).toBeVisible();
  });
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1440, height: 900 });

  const blue = await arrive("Blue Finch", still);
  await blue.follow(await linkFor(amber, "spectator"));
  await pictures.take(blue.page, "spectator", "A spectator", async (size) => {
    if (isPhone(size)) await tab(blue, "Output").click();
    else
      await expect(blue.region("Day poll").frameLocator("iframe").getByText("When do we leave?")).toBeVisible(
        { timeout: 30_000 },
      );
  });

  await quiet.page.setViewportSize({ width: 1440, height: 900 });
  await quiet.awaitSaved();
  await (await roomSession(quiet.page)).evaluate((room) =>
    room.handle.change((doc) => {
      doc.settings.maxPlayers = 3;
    }),
  );
  await expect(quiet.page.getByRole("alert").filter({ hasText: "refused" })).toBeVisible();
  await pictures.take(quiet.page, "refused", "Changes that the room refused");

  await page.goto(server.url);
  await pictures.take(page, "front-again", "Front page, later visits");
  await page.goBack();
  await page.setViewportSize({ width: 1440, height: 900 });
  await amber.awaitRoom();
  await amber.awaitSaved();

  for (const person of [amber, quiet, blue]) person.ignoresNetworkErrors = true;
  await server.down();
  await expect(amber.state).toContainText(/Offline/, { timeout: 30_000 });
  await amber.note().click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" Written in the tunnel.");
  await expect(amber.state).toContainText(/kept/);
  await pictures.take(page, "offline", "Without the server", async (size) => {
    if (isPhone(size)) await tab(amber, "Output").click();
  });
  pictures.writePage();
  for (const scheme of ["light", "dark"])
    copyFileSync(join(FOLDER, `room-1440-${scheme}.png`), join(FRONT, `room-${scheme}.png`));
});
