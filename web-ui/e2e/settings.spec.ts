import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Locator } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { linkFor } from "./support/room-session";

const FOLDER = fileURLToPath(new URL("../test-results/screens", import.meta.url));

async function openSettings(person: Person): Promise<Locator> {
  await person.page.getByRole("button", { name: "More" }).click();
  await person.page.getByRole("menuitem", { name: "Room settings" }).click();
  const dialog = person.page.getByRole("dialog", { name: "Room settings" });
  await expect(dialog).toBeVisible();
  return dialog;
}

const turnIndicator = (person: Person): Locator => person.region("Stack").locator(".stack-turns");
const playFirstCard = (person: Person): Promise<void> => person.page.locator("[data-deck]").first().click();

test("when a host switches turns on, all people see whose turn it is, and a played card passes the turn on", async ({
  arrive,
  server,
}) => {
  mkdirSync(FOLDER, { recursive: true });
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  const bob = await arrive("Bob", { reducedMotion: "reduce" });
  await ada.openRoom(server.url, "Round the table");
  await ada.awaitSaved();
  await bob.follow(await linkFor(ada, "player"));
  await expect(turnIndicator(ada)).toHaveCount(0);

  const settings = await openSettings(ada);
  await settings.getByRole("radio", { name: "In turns" }).check();
  await ada.page.screenshot({ path: join(FOLDER, "settings-host-1440.png") });
  await ada.page.setViewportSize({ width: 1024, height: 768 });
  await ada.page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await ada.page.screenshot({ path: join(FOLDER, "settings-host-1024-dark.png") });
  const dark = await new AxeBuilder({ page: ada.page }).analyze();
  expect(dark.violations.map(({ id }) => id)).toEqual([]);
  await ada.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await ada.page.setViewportSize({ width: 1440, height: 900 });
  const { violations } = await new AxeBuilder({ page: ada.page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await ada.page.keyboard.press("Escape");
  await expect(ada.page.getByRole("button", { name: "More" })).toBeFocused();

  await expect(turnIndicator(ada)).toHaveText("Your turnthen Bob");
  await expect(turnIndicator(bob)).toHaveText("Ada playsthen you");
  await expect(bob.page.locator("#hand-locked")).toHaveText("It is Ada's turn.");
  await bob.page.screenshot({ path: join(FOLDER, "turns-waiting-1440.png") });
  await bob.page.locator("[data-deck]").first().click({ force: true });
  expect(await bob.stack(), "a card out of turn is not played").toHaveLength(2);

  await playFirstCard(ada);
  await expect(turnIndicator(bob)).toHaveText("Your turnthen Ada");
  await expect(turnIndicator(ada)).toHaveText("Bob playsthen you");
  await playFirstCard(bob);
  await expect(turnIndicator(ada)).toHaveText("Your turnthen Bob");
  await expect.poll(() => ada.stack()).toHaveLength(4);
  await ada.awaitSaved();
  await bob.awaitSaved();
});

test("settings apply to the prompt and to all people, and only hosts can change them", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  const bob = await arrive("Bob", { reducedMotion: "reduce", width: 390, height: 844 });
  await ada.openRoom(server.url, "What is told first");
  await ada.awaitSaved();
  await bob.follow(await linkFor(ada, "player"));

  const adaSettings = await openSettings(ada);
  await adaSettings.getByRole("radio", { name: "All of them" }).check();
  await adaSettings.getByRole("spinbutton", { name: "Seats" }).fill("0");
  await adaSettings.getByRole("spinbutton", { name: "Seats" }).fill("4");
  await adaSettings.getByRole("textbox", { name: "System prompt" }).click();
  await ada.page.keyboard.type("You write for a small theatre.");
  await ada.page.keyboard.press("Escape");
  await ada.page.keyboard.press("Escape");
  await expect(adaSettings).toBeHidden();

  const bobSettings = await openSettings(bob);
  await expect(bobSettings).toContainText("Only a host changes these.");
  await expect(bobSettings.getByRole("radio", { name: "All of them" })).toBeChecked();
  await expect(bobSettings.getByRole("radio", { name: "All of them" })).toBeDisabled();
  await expect(bobSettings.getByRole("spinbutton", { name: "Seats" })).toHaveValue("4");
  await expect(bobSettings.getByRole("spinbutton", { name: "Seats" })).not.toBeEditable();
  await expect(bobSettings.getByRole("textbox", { name: "System prompt" })).toHaveText(
    "You write for a small theatre.",
  );
  await bob.page.screenshot({ path: join(FOLDER, "settings-player-390.png") });
  await bob.page.keyboard.press("Escape");

  await ada.page.getByRole("button", { name: "Custom card" }).click();
  const ownCardDialog = ada.page.getByRole("dialog", { name: "Custom card" });
  await ownCardDialog.getByText("Tone", { exact: true }).click();
  await ownCardDialog.getByRole("textbox").fill("A second tone");
  await ownCardDialog.getByRole("button", { name: "Play card" }).click();
  await ada.page.getByRole("textbox", { name: "Query" }).fill("Announce the premiere");
  await ada.awaitSaved();
  await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(ada.region("Output")).toContainText("The answer of the stub.");
  const system = model.calls.at(-1)?.messages.find(({ role }) => role === "system")?.content ?? "";
  expect(system.startsWith("You write for a small theatre.\n\n")).toBe(true);
  expect(system).toContain("Plain and warm, no slogans");
  expect(system).toContain("A second tone");
});

test("spectators can write in the chat only while a host allows it", async ({ arrive, server }) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  const bob = await arrive("Bob", { reducedMotion: "reduce" });
  await ada.openRoom(server.url, "From the gallery");
  await ada.awaitSaved();
  await bob.follow(await linkFor(ada, "spectator"));
  const field = bob.region("Chat").getByRole("textbox", { name: "Message" });
  await expect(bob.region("Chat")).toContainText("You're a spectator: you can read the chat.");
  await expect(field).toHaveCount(0);

  const settings = await openSettings(ada);
  await settings.getByRole("switch", { name: "Spectators can chat" }).check();
  await field.fill("Louder, please");
  await field.press("Enter");
  await expect(ada.region("Chat")).toContainText("Louder, please");
  await bob.awaitSaved();
  const bobSettings = await openSettings(bob);
  await expect(bobSettings.getByRole("switch", { name: "Spectators can chat" })).toBeChecked();
  await expect(bobSettings.getByRole("switch", { name: "Spectators can chat" })).toBeDisabled();
  await bob.page.keyboard.press("Escape");

  await settings.getByRole("switch", { name: "Spectators can chat" }).uncheck();
  await expect(field).toHaveCount(0);
  await expect(bob.region("Chat")).toContainText("Louder, please");
  await bob.awaitSaved();
});

test("an exported room file opens as a new room with the same content, and another file is refused with a reason", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  await ada.openRoom(server.url, "Taken home");
  await ada.note().click();
  await ada.page.keyboard.type("kept in a file");
  await playFirstCard(ada);
  await ada.awaitSaved();
  const cards = await ada.stack();
  const download = ada.page.waitForEvent("download");
  await ada.page.getByRole("button", { name: "More" }).click();
  await ada.page.getByRole("menuitem", { name: "Export as JSON (can be imported)" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("Taken home.json");
  const first = new URL(ada.page.url()).pathname;

  await ada.page.goto(server.url);
  const field = ada.page.getByLabel("Import a room");
  const malformedFile = { mimeType: "application/json", buffer: Buffer.from('{"title":') };
  await field.setInputFiles({ name: "no.json", ...malformedFile });
  await expect(ada.page.getByRole("alert")).toContainText("That isn't a room file.");
  mkdirSync(FOLDER, { recursive: true });
  await ada.page.screenshot({ path: join(FOLDER, "front-import-1440.png") });
  await field.setInputFiles(await file.path());
  await ada.awaitRoom();
  expect(new URL(ada.page.url()).pathname).not.toBe(first);
  await expect(ada.page.getByLabel("Room title")).toHaveValue("Taken home");
  await expect.poll(() => ada.noteText()).toBe("kept in a file");
  expect(await ada.stack()).toEqual(cards);
});

test("a host chooses a model that the operator offers, and that model writes the answer", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  await ada.openRoom(server.url, "Which model");
  await ada.awaitSaved();
  const settings = await openSettings(ada);
  const modelSelect = settings.getByRole("combobox", { name: "Model" });
  await expect(modelSelect.getByRole("option")).toHaveText(["harbor", "harbor-large"]);
  await modelSelect.selectOption("harbor-large");
  mkdirSync(FOLDER, { recursive: true });
  await ada.page.screenshot({ path: join(FOLDER, "settings-model-1440.png") });
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("textbox", { name: "Query" }).fill("Who writes this?");
  await ada.awaitSaved();
  await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(ada.region("Output")).toContainText("The answer of the stub.");
  expect(model.calls.at(-1)?.model).toBe("harbor-large");
});
