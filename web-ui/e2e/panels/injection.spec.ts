import { expect, test } from "@playwright/test";
import { enter, newRoom, type Participant } from "./people";

const ATTACK =
  '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>[x](javascript:window.pwned=1)';

async function expectNothingRan(person: Participant): Promise<void> {
  expect(await person.page.evaluate(() => "pwned" in window)).toBe(false);
  expect(await person.page.locator("img:not(.cm-widgetBuffer), iframe, object, embed").count()).toBe(0);
}

test("markup in a card, chat line, name, note, query or window title is shown as text and runs nothing", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request, `Room ${ATTACK}`.slice(0, 200));
  const mallory = await enter(browser, room.links.host, `M ${ATTACK}`.slice(0, 80));
  const quiet = await enter(browser, room.links.player, "Quiet Heron");
  const requestedUrls: string[] = [];
  for (const person of [mallory, quiet]) {
    person.page.on("request", (each) => requestedUrls.push(each.url()));
  }

  await mallory.playOwnCard("Custom", ATTACK);
  await mallory.say(ATTACK);
  await mallory.note("Shared notes").click();
  await mallory.page.keyboard.insertText(ATTACK);
  await mallory.page.getByRole("heading", { name: "Shared notes" }).dblclick();
  const title = mallory.page.getByRole("textbox", { name: "Window title" });
  await title.fill(ATTACK.slice(0, 190));
  await title.press("Enter");
  await mallory.generate(ATTACK);

  await expect(quiet.card("onerror")).toBeVisible();
  await expect(quiet.chat).toContainText(ATTACK);
  await expect(quiet.page.locator(".cm-content").filter({ hasText: "onerror" })).toHaveCount(1);
  await expect(quiet.page.getByRole("heading", { name: /onerror/ }).first()).toBeVisible();
  await expect(quiet.answer()).toHaveAttribute("data-status", "done", { timeout: 60_000 });
  for (const person of [mallory, quiet]) await expectNothingRan(person);
  const origin = new URL(quiet.page.url()).origin;
  expect(
    requestedUrls.filter(
      (url) => !url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:"),
    ),
  ).toEqual([]);
  await mallory.leave();
  await quiet.leave();
});

test("the page has no inline script and no handler in an attribute", async ({ browser, request }) => {
  const room = await newRoom(request, "Native");
  const ada = await enter(browser, room.links.host, "Ada");
  expect(await ada.page.locator("script:not([src])").count()).toBe(0);
  expect(await ada.page.locator("script").count()).toBeGreaterThan(0);
  const handlers = await ada.page.evaluate(() =>
    [...document.querySelectorAll("*")].flatMap((each) =>
      each.getAttributeNames().filter((name) => name.startsWith("on")),
    ),
  );
  expect(handlers).toEqual([]);
  await ada.leave();
});
