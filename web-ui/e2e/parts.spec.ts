import { expect, test } from "@playwright/test";
import { pair, type Someone } from "./panels/people";
import { afterFrames } from "./support/frames";
import { roomOf } from "./support/inside";

async function settingsOf(who: Someone) {
  await who.page.getByRole("button", { name: "More" }).click();
  await who.page.getByRole("menuitem", { name: "Room settings" }).click();
  return who.page.getByRole("dialog", { name: "Room settings" });
}

const stateOf = (who: Someone, part: string) => who.page.locator(`[data-part="${part}"] .parts-state`);

test("a host switches cursors off for all, a person for themselves; an optional part that fails or has an invalid setting is off, and the rest of the room works", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  let sent = 0;
  quiet.page.on("websocket", (socket) => socket.on("framesent", () => sent++));
  await quiet.page.reload();
  await expect(quiet.query).toBeVisible({ timeout: 20_000 });
  const cursor = amber.page.locator(".cursor", { hasText: "Quiet Heron" });
  for (const who of [amber, quiet])
    await expect(who.page.getByRole("button", { name: /^2 people here/ })).toBeVisible();
  await quiet.page.mouse.move(500, 200, { steps: 5 });
  await expect(cursor).toBeVisible();

  const settings = await settingsOf(amber);
  await settings.getByRole("switch", { name: "Cursors for everybody" }).uncheck();
  await expect(stateOf(amber, "cursors")).toHaveText("Off for everybody");
  await expect(cursor).toHaveCount(0);
  await quiet.saved();
  await expect(async () => {
    sent = 0;
    await quiet.page.mouse.move(900, 200, { steps: 30 });
    await afterFrames(quiet.page, 20);
    expect(sent, "frames while cursors are off").toBe(0);
  }).toPass({ timeout: 10_000 });

  // An invalid value does not switch the part on.
  const inside = await roomOf(amber.page);
  await inside.evaluate((room) =>
    room.handle.change((doc) => {
      (doc.settings as unknown as Record<string, unknown>).typing = "perhaps";
    }),
  );
  await expect(stateOf(amber, "typing")).toHaveText("Off for everybody");
  await amber.page.keyboard.press("Escape");

  // In one browser a part throws an error. There it stops and says so.
  await amber.page.getByRole("button", { name: "Windows" }).click();
  await amber.page.getByRole("menuitem", { name: "New pattern" }).click();
  const drawn = quiet.page.getByRole("img", { name: /^Pattern:/ });
  await expect(drawn).toBeVisible();
  await quiet.page.evaluate(() => {
    const set = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name, value) {
      if (name === "d" && this.closest(".pattern") !== null) throw new Error("broken on purpose");
      set.call(this, name, value);
    };
  });
  await expect(drawn).toHaveCount(0);
  await expect(amber.page.getByRole("img", { name: /^Pattern:/ })).toBeVisible();
  const theirs = await settingsOf(quiet);
  await expect(stateOf(quiet, "patterns")).toContainText("Stopped here after an error; the rest works.");
  await expect(theirs.getByRole("switch", { name: "Patterns for everybody" })).toBeDisabled();
  await theirs.getByRole("switch", { name: "Names in texts on this device" }).uncheck();
  await expect(stateOf(quiet, "carets")).toHaveText("Off on this device");
  await quiet.page.keyboard.press("Escape");

  await quiet.say("all the rest works");
  await expect(amber.chat).toContainText("all the rest works");
  await expect(amber.chat).not.toContainText("types…");
  await amber.note("Keep").pressSequentially("so it does");
  await expect.poll(() => quiet.noteText("Keep")).toBe("so it does");
  await expect(quiet.page.locator(".caret")).toHaveCount(0);
  quiet.problems.length = 0; // The pattern's own error, caused above.
  await amber.leave();
  await quiet.leave();
});

test("the author of a text that is too long is told in a sentence, and other people are not", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  const inside = await roomOf(amber.page);
  // The title's field ends at 200 characters. A modified page could send more.
  await inside.evaluate((room) =>
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
