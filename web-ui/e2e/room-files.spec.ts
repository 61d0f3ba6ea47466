import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import { type Person, placeOf } from "./support/person";
import { linkFor } from "./support/room-session";
import { ParlorServer } from "./support/server";

const ROOM_FILES = fileURLToPath(new URL("../../docs/room-files", import.meta.url));

async function expectNoAxeViolations(page: Page, screen: string, part = "body"): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`,
  );
  expect(found, `axe on ${screen}`).toEqual([]);
}

/** Opens the palette by its key, finds a command by some letters, and runs it. */
async function runCommand({ page }: Person, letters: string): Promise<void> {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Find a command" });
  await expect(field).toBeFocused();
  await field.fill(letters);
  await field.press("Enter");
  await expect(field).toHaveCount(0);
}

async function places(person: Person): Promise<unknown> {
  return Promise.all(["Stack", "Output", "Chat"].map((name) => placeOf(person.region(name))));
}

test("a room from a room file is arranged by commands, its layout is exported and imported, and it is forked", async ({
  arrive,
  model,
}) => {
  test.setTimeout(180_000);
  const server = await ParlorServer.start(model.url, "default", { PARLOR_ROOM_FILES: ROOM_FILES });
  try {
    const ada = await arrive("Ada", { reducedMotion: "reduce" });
    const bob = await arrive("Bob", { reducedMotion: "reduce" });
    await ada.page.goto(server.url);
    await expect(ada.page.getByRole("radio")).toHaveCount(4);
    await ada.page.getByRole("radio", { name: "Brainstorm" }).check({ force: true });
    await expectNoAxeViolations(ada.page, "the choice of room files");
    await ada.page.getByRole("button", { name: "Open a room" }).click();
    await ada.page.getByLabel("Your name in this room").fill("Ada");
    await ada.page.getByLabel("Your name in this room").press("Enter");
    await ada.awaitRoom();
    await expect(ada.page.getByLabel("Room title")).toHaveValue("Ideas");
    await expect(ada.region("Chat")).toContainText("Welcome. First agree on the question");
    await expect(ada.note("Question of the day")).toContainText("Write the question here");
    expect(await ada.stack()).toHaveLength(3);

    // The palette works while the person types, and its commands have the names of the menus.
    await ada.page.getByRole("textbox", { name: "Query" }).fill("What shall we build?");
    await ada.page.keyboard.press("Control+k");
    await expectNoAxeViolations(ada.page, "the palette in the light theme", "[role=dialog]");
    await ada.page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await expectNoAxeViolations(ada.page, "the palette in the dark theme", "[role=dialog]");
    await ada.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    const undo = ada.page.getByRole("option", { name: "Undo" });
    await expect(undo).toHaveAttribute("aria-disabled", "true");
    await expect(undo).toContainText("There is nothing to undo.");
    await ada.page.keyboard.press("Escape");
    await expect(ada.page.getByRole("textbox", { name: "Query" })).toBeFocused();
    await ada.page.keyboard.press("Control+k");
    await ada.page.keyboard.press("Escape");
    await expect(ada.page.getByRole("textbox", { name: "Query" })).toHaveValue("What shall we build?");

    // A layout: tiled, exported, changed, imported, and taken back as one step.
    await runCommand(ada, "tile");
    await expect(ada.page.getByText("Windows tiled").first()).toBeVisible();
    const tiled = await places(ada);
    const [download] = await Promise.all([
      ada.page.waitForEvent("download"),
      runCommand(ada, "export layout"),
    ]);
    expect(download.suggestedFilename()).toBe("Ideas.layout.json");
    const layout = readFileSync(await download.path(), "utf8");
    await runCommand(ada, "cascade");
    await expect.poll(() => places(ada)).not.toEqual(tiled);
    const cascaded = await places(ada);
    const importFile = async (text: string): Promise<void> => {
      const [chooser] = await Promise.all([
        ada.page.waitForEvent("filechooser"),
        runCommand(ada, "import layout"),
      ]);
      await chooser.setFiles({
        name: "layout.json",
        mimeType: "application/json",
        buffer: Buffer.from(text),
      });
    };
    await importFile(layout.replace('"state": "open"', '"state": "ajar"'));
    await expect(ada.page.getByText(/windows\[\d\]\.state must be one of open/).first()).toBeVisible();
    await importFile(layout.replace('"parlorLayout": 1', '"parlorLayout": 9'));
    await expect(ada.page.getByText(/parlorLayout is 9, and this page reads 1/).first()).toBeVisible();
    expect(await places(ada)).toEqual(cascaded);
    await importFile(layout);
    await expect.poll(() => places(ada)).toEqual(tiled);
    await runCommand(ada, "undo");
    await expect.poll(() => places(ada)).toEqual(cascaded);

    // The minimap shows two people, and a click brings a window to the front.
    await bob.follow(await linkFor(ada, "player"));
    await bob.region("Chat").getByRole("textbox", { name: "Message" }).focus();
    await ada.region("Stack").focus();
    await runCommand(ada, "minimap");
    const map = ada.page.getByRole("navigation", { name: "Minimap" });
    await expect(map.locator('[data-person="Bob"]')).toHaveCount(1);
    await expect(map.locator('[data-person="Ada"]')).toHaveCount(1);
    await map.getByRole("button", { name: /^Go to Chat/ }).press("Enter");
    await expect(ada.region("Chat")).toBeFocused();
    await expect(map.getByRole("button", { name: /^Go to Chat/ })).toHaveAttribute("data-front", "true");
    await expect(bob.page.getByRole("navigation", { name: "Minimap" })).toHaveCount(0);
    await expectNoAxeViolations(ada.page, "the desk with the minimap");

    // The list of keys comes from the same commands.
    await ada.page.keyboard.press("?");
    await expect(ada.page.getByRole("dialog", { name: "Keyboard shortcuts" })).toContainText(
      "Ctrl KCommands",
    );
    await ada.page.keyboard.press("Escape");

    // A fork belongs to the person who made it, and knows its parent.
    const original = bob.page.url();
    await bob.awaitSaved();
    await runCommand(bob, "fork");
    await expect(bob.page).not.toHaveURL(original);
    await bob.awaitRoom();
    await expect(bob.page.getByLabel("Room title")).toHaveValue("Copy of Ideas");
    await expect(bob.region("Chat")).toContainText("Welcome. First agree on the question");
    await bob.page.getByRole("button", { name: "Share", exact: true }).click();
    await expect(bob.page.getByRole("dialog", { name: "Invite people" })).toContainText("Host");
    await bob.page.keyboard.press("Escape");
    await bob.page.getByRole("button", { name: "More" }).click();
    await bob.page.getByRole("menuitem", { name: "Fork of Ideas" }).click();
    await expect(bob.page.getByLabel("Room title")).toHaveValue("Ideas");

    // On a phone the palette opens from the menu.
    const cleo = await arrive("Cleo", { width: 390, height: 844, touch: true, reducedMotion: "reduce" });
    await cleo.follow(await linkFor(ada, "player"));
    await cleo.page.getByRole("button", { name: "More" }).click();
    await cleo.page.getByRole("menuitem", { name: "Commands" }).click();
    const field = cleo.page.getByRole("combobox", { name: "Find a command" });
    await expect(field).toBeFocused();
    await expectNoAxeViolations(cleo.page, "the palette on a phone", "[role=dialog]");
    await field.fill("write chat");
    await cleo.page.getByRole("option", { name: "Write in the chat" }).tap();
    await expect(cleo.page.getByRole("textbox", { name: "Message" })).toBeFocused();
    // The server stops before these people leave.
    for (const person of [ada, bob, cleo]) person.ignoresNetworkErrors = true;
  } finally {
    await server.stop();
  }
});
