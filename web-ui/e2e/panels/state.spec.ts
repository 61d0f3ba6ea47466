import { expect, test } from "@playwright/test";
import { enter, newRoom, pair } from "./people";

test("another person's changes appear in Stack, Chat and Output, and a region for hand and question is shown", async ({
  browser,
  request,
}) => {
  const { amber, quiet } = await pair(browser, request);
  for (const region of [amber.stack, amber.output, amber.chat]) await expect(region).toBeVisible();
  await expect(amber.page.getByRole("region", { name: "Hand and question" })).toBeVisible();
  await quiet.playOwnCard("Tone", "Made elsewhere");
  await expect(amber.stack).toContainText("Made elsewhere");
  await quiet.say("Said elsewhere");
  await expect(amber.chat).toContainText("Said elsewhere");
  await quiet.generate("Asked elsewhere");
  await expect(amber.output).toContainText("Quiet Heron");
  await amber.leave();
  await quiet.leave();
});

test("with ?debug the page shows its state as JSON", async ({ browser, request }) => {
  const room = await newRoom(request);
  const amber = await enter(browser, room.links.host, "Amber Otter", { debug: true });
  const value = async (name: string) =>
    JSON.parse((await amber.page.locator(`[data-state="${name}"]`).textContent()) ?? "");
  expect(await value("sessionId")).toBe(room.slug);
  expect(await value("playerName")).toBe("Amber Otter");
  expect(await value("hand")).toHaveLength(5);
  expect(await value("isMyTurn")).toBe(true);
  expect(await value("generating")).toBeNull();
  await amber.playOwnCard("Tone", "Seen in the state");
  await expect.poll(async () => JSON.stringify(await value("stack"))).toContain("Seen in the state");
  await amber.leave();
});
