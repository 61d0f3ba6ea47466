import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import { afterFrames } from "./support/frames";
import { linkFor, roomSession } from "./support/room-session";

const FOLDER = fileURLToPath(new URL("../test-results/screens", import.meta.url));

const seatsOf = async (page: Page): Promise<number | undefined> =>
  (await roomSession(page)).evaluate((room) => room.handle.doc().settings.maxPlayers);

/** Counts the later attempts of a page to connect. */
function attemptsOf(page: Page): { count: number } {
  const bobAttempts = { count: 0 };
  page.on("request", (request) => {
    if (request.url().endsWith("/tickets")) bobAttempts.count++;
  });
  page.on("websocket", () => bobAttempts.count++);
  return bobAttempts;
}

/** The content of a zip entry without compression, from its name up to the name of the next entry. */
function zipEntry(zip: Buffer, name: string, next: string): Buffer {
  const from = zip.indexOf(name) + name.length;
  const to = zip.indexOf(next, from);
  return zip.subarray(from, to);
}

async function expectNoAxeViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`),
  ).toEqual([]);
}

test("after a refused write the page stops, says so, offers the changes as a file, and returns to the room; others are not disturbed", async ({
  arrive,
  server,
}) => {
  mkdirSync(FOLDER, { recursive: true });
  const ada = await arrive("Ada");
  const bob = await arrive("Bob", { reducedMotion: "reduce" });
  await ada.openRoom(server.url, "Seats");
  await ada.awaitSaved();
  await bob.follow(await linkFor(ada, "player"));
  await bob.note().click();
  await bob.page.keyboard.type("what the room took");
  await bob.awaitSaved();
  await expect.poll(() => ada.noteText()).toBe("what the room took");
  await bob.page.getByRole("textbox", { name: "Query" }).fill("a half-written question");
  const hand = await bob.page
    .locator("[data-deck]")
    .evaluateAll((all) => all.map((each) => each.dataset.deck));

  const adaAttempts = attemptsOf(ada.page);
  const bobAttempts = attemptsOf(bob.page);
  await (await roomSession(bob.page)).evaluate((room) =>
    room.handle.change((doc) => {
      doc.settings.maxPlayers = 3;
    }),
  );
  const banner = bob.page.getByRole("alert").filter({ hasText: "The room refused your last changes" });
  await expect(banner).toContainText("only a host changes settings");
  await expect(bob.state).toHaveText("Not connected");

  // The page does not send the refused changes again, neither after some time nor when the network returns.
  await bob.page.evaluate(() => {
    window.dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await afterFrames(bob.page, 150);
  expect(bobAttempts.count, "attempts after the refusal").toBe(0);

  // Ada's work is not disturbed.
  await ada.note().click();
  await ada.page.keyboard.press("Control+End");
  await ada.page.keyboard.type(" and more");
  await ada.awaitSaved();
  expect(await seatsOf(ada.page)).toBe(10);
  expect(adaAttempts.count, "connections of Ada's page").toBe(0);
  expect(await bob.noteText()).toBe("what the room took");

  for (const size of [
    { width: 1440, height: 900 },
    { width: 1024, height: 768 },
    { width: 390, height: 844 },
  ]) {
    await bob.page.setViewportSize(size);
    await afterFrames(bob.page);
    await bob.page.screenshot({ path: join(FOLDER, `refused-${size.width}.png`), animations: "disabled" });
  }
  await bob.page.setViewportSize({ width: 1024, height: 768 });
  await bob.page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await afterFrames(bob.page);
  await bob.page.screenshot({ path: join(FOLDER, "refused-1024-dark.png"), animations: "disabled" });
  await expectNoAxeViolations(bob.page);
  await bob.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await bob.page.setViewportSize({ width: 1440, height: 900 });
  await expectNoAxeViolations(bob.page);

  await bob.page.getByRole("button", { name: "Go back to the shared room" }).click();
  const dialog = bob.page.getByRole("dialog", { name: "Go back to the shared room?" });
  await expect(dialog.getByRole("listitem")).toHaveText(["Set the number of seats to “3”"]);
  await expect(dialog).toContainText("Rule AD6");
  await expectNoAxeViolations(bob.page);
  await bob.page.screenshot({ path: join(FOLDER, "refused-dialog-1440.png") });
  const download = bob.page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download, then go back" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("Seats - refused changes.zip");
  const zip = readFileSync(await file.path());
  expect([...zipEntry(zip, "room.automerge", "refused.json").subarray(0, 4)]).toEqual([
    0x85, 0x6f, 0x4a, 0x83,
  ]);
  const report = JSON.parse(zipEntry(zip, "refused.json", "PK\u0001\u0002").toString());
  expect(report).toMatchObject({
    code: 4403,
    rule: "AD6",
    sentence: "only a host changes settings",
    title: "Seats",
    refused: [{ what: "Set the number of seats to “3”", path: "settings/maxPlayers" }],
  });
  expect(report.changes).toHaveLength(1);

  await expect(banner).toBeHidden({ timeout: 20_000 });
  await bob.awaitRoom();
  await bob.awaitSaved();
  expect(await seatsOf(bob.page)).toBe(10);
  await expect.poll(() => bob.noteText()).toBe("what the room took and more");
  await expect(bob.page.getByRole("textbox", { name: "Query" })).toHaveValue("a half-written question");
  expect(
    await bob.page.locator("[data-deck]").evaluateAll((all) => all.map((each) => each.dataset.deck)),
  ).toEqual(hand);

  await bob.note().click();
  await bob.page.keyboard.press("Control+Home");
  await bob.page.keyboard.type("Again: ");
  await expect.poll(() => ada.noteText()).toBe("Again: what the room took and more");
  await bob.page.reload();
  await bob.awaitRoom();
  await bob.awaitSaved();
  expect(await seatsOf(bob.page)).toBe(10);
});

test("a person who was demoted while offline can download the refused text and return to the room, in both tabs", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await ada.openRoom(server.url, "Lowered");
  await ada.awaitSaved();
  await bob.follow(await linkFor(ada, "player"));
  await bob.awaitSaved();
  const second = await bob.context.newPage();
  await second.goto(bob.page.url());
  await expect(second.getByLabel("Room title")).toBeVisible({ timeout: 20_000 });
  await bob.page.bringToFront();

  await bob.setOffline(true);
  await bob.note().click();
  await bob.page.keyboard.type("written in the tunnel");
  await expect(second.getByRole("region", { name: "Note: Shared notes" })).toContainText(
    "written in the tunnel",
  );
  const identity = await (await roomSession(bob.page)).evaluate((room) => room.me.identity);
  await (await roomSession(ada.page)).evaluate((room, bob) => room.api.setRole(bob, "spectator"), identity);
  await bob.setOffline(false);

  const banner = bob.page.getByRole("alert").filter({ hasText: "a spectator changes nothing" });
  await expect(banner).toBeVisible({ timeout: 20_000 });
  expect(await ada.noteText()).not.toContain("tunnel");
  await expect(ada.state).toHaveText(/Saved|All saved|Back online/);

  const download = bob.page.waitForEvent("download");
  await bob.page.getByRole("button", { name: "Download them" }).click();
  const zip = readFileSync(await (await download).path());
  const report = JSON.parse(zipEntry(zip, "refused.json", "PK\u0001\u0002").toString());
  expect(report.rule).toBe("AD5");
  expect(report.refused.map(({ what }: { what: string }) => what)).toContain(
    "Wrote in the note “Shared notes”: “written in the tunnel”",
  );

  await bob.page.getByRole("button", { name: "Go back to the shared room" }).click();
  await bob.page.getByRole("button", { name: "Go back", exact: true }).click();
  await expect(banner).toBeHidden({ timeout: 20_000 });
  await bob.awaitRoom();
  await bob.awaitSaved();
  expect(await bob.noteText()).not.toContain("tunnel");
  const other = second.getByRole("region", { name: "Note: Shared notes" });
  await expect(other).toBeVisible({ timeout: 20_000 });
  await expect(other).not.toContainText("written in the tunnel");
  await expect(second.getByRole("alert").filter({ hasText: "The room refused" })).toHaveCount(0);
});
