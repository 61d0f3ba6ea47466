import { expect, test } from "@playwright/test";
import { enter, newRoom, type Participant, pair } from "./panels/people";
import { EventRecorder } from "./support/events";

const windowMenu = (person: Participant, title: string) =>
  person.page.getByRole("button", { name: `${title}: window menu` });

async function chooseFromWindowMenu(person: Participant, title: string, item: string): Promise<void> {
  await windowMenu(person, title).click();
  await person.page.getByRole("menuitem", { name: item }).click();
}

test("opening, closing, moving, resizing and redrawing a window are events, and entries of the change list, with author and time", async ({
  browser,
  request,
}) => {
  const { room, amber, quiet } = await pair(browser, request);
  const events = await EventRecorder.open(room);
  const before = Date.now();

  await amber.page.getByRole("button", { name: "Windows" }).click();
  await amber.page.getByRole("menuitem", { name: "New pattern" }).click();
  const title = "Pattern · tide";
  await chooseFromWindowMenu(amber, title, "Draw another");
  for (const [item, key] of [
    ["Move with arrow keys", "ArrowRight"],
    ["Resize with arrow keys", "ArrowDown"],
  ] as const) {
    await chooseFromWindowMenu(amber, title, item);
    await amber.page.keyboard.press(key);
    await amber.page.keyboard.press("Enter");
  }
  await quiet.page.getByRole("button", { name: `Close ${title}` }).click();

  const windowEvents = () =>
    events.named("window").map(({ data }) => `${data.name} ${data.change} ${data.title}`);
  await expect
    .poll(windowEvents)
    .toEqual([
      `Amber Otter opened ${title}`,
      `Amber Otter parameters ${title}`,
      `Amber Otter moved ${title}`,
      `Amber Otter resized ${title}`,
      `Quiet Heron closed ${title}`,
    ]);
  for (const { data } of events.named("window")) {
    expect(data.by).toMatch(/^\S{8,}$/);
    expect(Number(data.at)).toBeGreaterThan(before - 1_000);
    expect(Number(data.at)).toBeLessThan(Date.now() + 1_000);
  }
  events.close();

  // A person who joins later sees the same changes, since the page reads them from the document's history.
  const blue = await enter(browser, room.links.player, "Blue Finch");
  await blue.page.getByRole("button", { name: "Open People" }).click();
  await blue.page.getByText("Recent changes").click();
  const list = blue.page.getByRole("list", { name: "Recent changes of windows" });
  await expect(list.getByRole("listitem")).toHaveText([
    new RegExp(`^Quiet Heron closed ${title}\\d\\d:\\d\\d$`),
    new RegExp(`^Amber Otter resized ${title}\\d\\d:\\d\\d$`),
    new RegExp(`^Amber Otter moved ${title}\\d\\d:\\d\\d$`),
    new RegExp(`^Amber Otter redrew ${title}\\d\\d:\\d\\d$`),
    new RegExp(`^Amber Otter opened ${title}\\d\\d:\\d\\d$`),
  ]);
  for (const person of [amber, quiet, blue]) await person.leave();
});

test("two browsers and the server have equal heads once all changes have arrived", async ({
  browser,
  request,
}) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter", { debug: true });
  const quiet = await enter(browser, room.links.player, "Quiet Heron", { debug: true });
  const heads = async (person: Participant): Promise<string[]> =>
    JSON.parse((await person.page.locator('[data-state="heads"]').textContent()) ?? "");
  const first = await heads(amber);
  await Promise.all([
    amber.playOwnCard("Tone", "From one side"),
    quiet.playOwnCard("Tone", "From the other"),
  ]);
  await amber.note("Shared notes").pressSequentially("words");
  await quiet.say("and a message");
  await expect(async () => {
    const answer = await request.get(`/api/rooms/${room.slug}`, { headers: { "Parlor-Key": room.key } });
    const shared = [...(await answer.json()).heads].sort();
    expect(shared.length).toBeGreaterThan(0);
    expect(await heads(amber)).toEqual(shared);
    expect(await heads(quiet)).toEqual(shared);
    await expect(amber.card("From the other")).toBeVisible();
    await expect(amber.chat).toContainText("and a message");
    expect(await quiet.noteText("Shared notes")).toBe("words");
  }).toPass({ timeout: 15_000 });
  expect(await heads(amber)).not.toEqual(first);
  await amber.leave();
  await quiet.leave();
});

test("a closed tab is reported as a departure after the grace time, and a reload is not", async ({
  browser,
  request,
}) => {
  const { room, amber, quiet } = await pair(browser, request);
  const events = await EventRecorder.open(room);
  const departures = () => events.named("player-left").map(({ data }) => data.name);
  await quiet.page.reload();
  await expect(quiet.query).toBeVisible({ timeout: 20_000 });
  const closedAt = Date.now();
  await amber.page.close({ runBeforeUnload: true });
  await expect.poll(departures, { timeout: 10_000 }).toEqual(["Amber Otter"]);
  const delayMillis = (events.named("player-left")[0]?.receivedAt ?? 0) - closedAt;
  // RoomWorkerTest tests the exact grace time of 5 s with a manual clock.
  expect(delayMillis).toBeGreaterThan(4_500);
  // The grace time after the reload is over.
  expect(departures()).toEqual(["Amber Otter"]);
  events.close();
  for (const person of [amber, quiet]) await person.leave();
});
