import type { Page } from "@playwright/test";
import { Participant } from "./panels/people";
import { expect, test } from "./support/fixtures";
import { afterFrames } from "./support/frames";
import type { Person } from "./support/person";
import { tagged } from "./support/tags";

/* Cursors and patterns send little or nothing, and they do not change the document. */

const participantOf = (person: Person): Participant =>
  new Participant(person.page, person.context, person.name);

/** The heads of the server's document. */
async function serverHeads(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const slug = location.pathname.split("/").at(-1) ?? "";
    const key = new URLSearchParams(location.hash.slice(1)).get("k") ?? "";
    const response = await fetch(`/api/rooms/${slug}`, { headers: { "Parlor-Key": key } });
    const { heads } = await response.json();
    if (!Array.isArray(heads) || heads.length === 0) throw new Error("no heads");
    return JSON.stringify(heads);
  });
}

/** Counts the frames that a page sends from now on. */
function countSentFrames(person: Person): { count: number } {
  const sent = { count: 0 };
  person.page.on("websocket", (socket) => socket.on("framesent", () => sent.count++));
  return sent;
}

test("cursors move over the page, take no click and no focus, and do not change the document", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  const sent = countSentFrames(bob);
  await bob.follow(await ada.openRoom(server.url, "Ghosts"));
  await expect(ada.page.getByRole("button", { name: /2 people here/ })).toBeVisible();

  // The focus of one person does not affect the other's.
  await bob.note().click();
  await ada.region("Chat").getByRole("textbox", { name: "Message" }).click();
  await expect(bob.note()).toBeFocused();

  // A click on a window is an edit, since it brings the window to the front. A pointer move is not.
  await ada.awaitSaved();
  await bob.awaitSaved();
  const before = await serverHeads(ada.page);
  const field = bob.region("Chat").getByRole("textbox", { name: "Message" });
  const box = await field.boundingBox();
  if (box === null) throw new Error("the chat is not on the page");
  const cursor = bob.page.locator(".cursor", { hasText: "Ada" });
  await ada.page.mouse.move(500, 300, { steps: 10 });
  await expect(cursor).toBeVisible();
  const positionBefore = await cursor.boundingBox();
  await afterFrames(bob.page, 20);
  sent.count = 0;
  await ada.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 60 });
  await expect
    .poll(async () => Math.abs(((await cursor.boundingBox())?.x ?? 0) - (box.x + box.width / 2)))
    .toBeLessThan(12);
  expect(await cursor.boundingBox()).not.toEqual(positionBefore);
  expect(sent.count, "frames that Bob's page sent while Ada's cursor moved").toBeLessThanOrEqual(1);
  await expect(bob.note()).toBeFocused();
  expect(await serverHeads(ada.page)).toBe(before);
  // Playwright clicks an element only if the element would receive the click.
  await field.click({ timeout: 5_000 });
  await expect(field).toBeFocused();
  expect(await cursor.evaluate((it) => it.closest("[aria-hidden]") !== null)).toBe(true);
});

test(
  "a person who switches cursors off sees and sends none, and the rest of the room works",
  tagged(false),
  async ({ arrive, server }) => {
    const ada = await arrive("Ada");
    const bob = await arrive("Bob");
    const sent = countSentFrames(bob);
    await bob.follow(await ada.openRoom(server.url, "No ghosts"));
    await ada.page.mouse.move(500, 300, { steps: 10 });
    await expect(bob.page.locator(".cursor", { hasText: "Ada" })).toBeVisible();
    await bob.page.getByRole("button", { name: "More" }).click();
    await bob.page.getByRole("menuitemcheckbox", { name: "Other people's cursors" }).click();
    await bob.page.keyboard.press("Escape");
    await ada.page.mouse.move(700, 400, { steps: 10 });
    await expect(bob.page.locator(".cursor")).toHaveCount(0);

    await bob.awaitSaved();
    await bob.page.mouse.move(500, 300);
    await afterFrames(bob.page, 60);
    sent.count = 0;
    await bob.page.mouse.move(900, 500, { steps: 60 });
    await afterFrames(bob.page, 30);
    expect(sent.count, "frames of a hidden cursor; one may be a heartbeat").toBeLessThanOrEqual(1);

    await participantOf(ada).say("still here");
    await expect(bob.region("Chat")).toContainText("still here");
    await expect(ada.page.getByRole("button", { name: /2 people here/ })).toBeVisible();
  },
);

test(
  "a moving pattern sends no messages and does not change the document",
  tagged(false),
  async ({ arrive, server }) => {
    const ada = await arrive("Ada");
    const sent = countSentFrames(ada);
    await ada.openRoom(server.url, "Waves");
    await ada.page.getByRole("button", { name: "Windows" }).click();
    await ada.page.getByRole("menuitem", { name: "New pattern" }).click();
    const wave = ada.page
      .getByRole("img", { name: /^Pattern:/ })
      .locator("path")
      .first();
    await expect(wave).toBeVisible();
    await ada.awaitSaved();
    const before = await serverHeads(ada.page);
    await afterFrames(ada.page, 60);
    sent.count = 0;
    const first = await wave.getAttribute("d");
    await expect.poll(() => wave.getAttribute("d")).not.toBe(first);
    await afterFrames(ada.page, 180);
    expect(sent.count, "frames; one may be a heartbeat").toBeLessThanOrEqual(1);
    expect(await serverHeads(ada.page)).toBe(before);
  },
);
