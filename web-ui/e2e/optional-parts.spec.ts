import { expect, test } from "@playwright/test";
import { type Participant, pair } from "./panels/people";
import { afterFrames } from "./support/frames";
import { roomSession } from "./support/room-session";

async function openSettings(person: Participant) {
  await person.page.getByRole("button", { name: "More" }).click();
  await person.page.getByRole("menuitem", { name: "Room settings" }).click();
  return person.page.getByRole("dialog", { name: "Room settings" });
}

const partState = (person: Participant, part: string) =>
  person.page.locator(`[data-part="${part}"] .parts-state`);

test("a host switches cursors off for all and a person for one device; a part that throws or has an invalid setting is off, and the room works", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  let sentFrames = 0;
  quiet.page.on("websocket", (socket) => socket.on("framesent", () => sentFrames++));
  await quiet.page.reload();
  await expect(quiet.query).toBeVisible({ timeout: 20_000 });
  const cursor = amber.page.locator(".cursor", { hasText: "Quiet Heron" });
  for (const person of [amber, quiet])
    await expect(person.page.getByRole("button", { name: /^2 people here/ })).toBeVisible();
  await quiet.page.mouse.move(500, 200, { steps: 5 });
  await expect(cursor).toBeVisible();

  const settings = await openSettings(amber);
  await settings.getByRole("switch", { name: "Cursors for everybody" }).uncheck();
  await expect(partState(amber, "cursors")).toHaveText("Off for everybody");
  await expect(cursor).toHaveCount(0);
  await quiet.awaitSaved();
  await expect(async () => {
    sentFrames = 0;
    await quiet.page.mouse.move(900, 200, { steps: 30 });
    await afterFrames(quiet.page, 20);
    expect(sentFrames, "frames while cursors are off").toBe(0);
  }).toPass({ timeout: 10_000 });

  // A part with an invalid value as its setting is off.
  const session = await roomSession(amber.page);
  await session.evaluate((room) =>
    room.handle.change((doc) => {
      (doc.settings as unknown as Record<string, unknown>).typing = "perhaps";
    }),
  );
  await expect(partState(amber, "typing")).toHaveText("Off for everybody");
  await amber.page.keyboard.press("Escape");

  // If a part throws an error in one browser, it stops in that browser and the settings say so.
  await amber.page.getByRole("button", { name: "Windows" }).click();
  await amber.page.getByRole("menuitem", { name: "New pattern" }).click();
  const pattern = quiet.page.getByRole("img", { name: /^Pattern:/ });
  await expect(pattern).toBeVisible();
  await quiet.page.evaluate(() => {
    const setAttribute = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name, value) {
      if (name === "d" && this.closest(".pattern") !== null) throw new Error("broken on purpose");
      setAttribute.call(this, name, value);
    };
  });
  await expect(pattern).toHaveCount(0);
  await expect(amber.page.getByRole("img", { name: /^Pattern:/ })).toBeVisible();
  const quietSettings = await openSettings(quiet);
  await expect(partState(quiet, "patterns")).toContainText("Stopped here after an error; the rest works.");
  await expect(quietSettings.getByRole("switch", { name: "Patterns for everybody" })).toBeDisabled();
  await quietSettings.getByRole("switch", { name: "Names in texts on this device" }).uncheck();
  await expect(partState(quiet, "carets")).toHaveText("Off on this device");
  await quiet.page.keyboard.press("Escape");

  await quiet.say("all the rest works");
  await expect(amber.chat).toContainText("all the rest works");
  await expect(amber.chat).not.toContainText("is typing…");
  await amber.note("Shared notes").pressSequentially("so it does");
  await expect.poll(() => quiet.noteText("Shared notes")).toBe("so it does");
  await expect(quiet.page.locator(".caret")).toHaveCount(0);
  quiet.pageErrors.length = 0; // the error that the test caused in the pattern
  await amber.leave();
  await quiet.leave();
});

test("the author of a too long title is told that it is cut, and other people are not", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  const session = await roomSession(amber.page);
  // The page limits the title to 200 characters. A modified page could send more.
  await session.evaluate((room) =>
    room.handle.change((doc) => {
      doc.title = "t".repeat(240);
    }),
  );
  await expect(amber.page.getByTestId("announcer")).toHaveText(
    "The title has more than 200 characters. Everybody sees it cut there.",
  );
  await expect(quiet.page.getByLabel("Room title")).toHaveValue("t".repeat(200));
  await expect(amber.page.getByLabel("Room title")).toHaveValue("t".repeat(200));
  await expect(quiet.page.getByTestId("announcer")).not.toContainText("characters");
  await amber.leave();
  await quiet.leave();
});
