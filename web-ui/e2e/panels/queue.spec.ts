import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { test } from "../support/fixtures";
import { roomSession } from "../support/room-session";
import { enter, newRoom, type Participant } from "./people";

const queueOf = (person: Participant) => person.page.getByRole("region", { name: "Queue" });
const entriesOf = (person: Participant) => queueOf(person).locator("[data-waiting]");

async function expectQueue(person: Participant, questions: readonly string[]): Promise<void> {
  const more = queueOf(person).getByRole("button", { name: /more in the queue$/ });
  if (await more.isVisible()) await more.click();
  await expect
    .poll(async () =>
      (await entriesOf(person).locator(".queue-words").allInnerTexts()).map((text) => text.slice(1, -1)),
    )
    .toEqual(questions);
}

test("questions wait in a queue that all see, its people change it, Stop pauses it, and each gets its answer", async ({
  browser,
  model,
  playwright,
  server,
}) => {
  model.reset();
  const request = await playwright.request.newContext({ baseURL: server.url });
  const room = await newRoom(request);
  const options = { baseURL: server.url, viewport: { width: 1440, height: 900 } };
  const amber = await enter(browser, room.links.host, "Amber Otter", options);
  const quiet = await enter(browser, room.links.player, "Quiet Heron", options);
  const blue = await enter(browser, room.links.player, "Blue Finch", { ...options, reducedMotion: "reduce" });

  model.answer = "A long answer that is stopped. ".repeat(20);
  model.pauseAt = 60;
  await amber.generate("first");
  await expect(amber.answer()).toContainText("A long answer");
  await quiet.generate("second");
  await expect(quiet.page.getByTestId("announcer")).toContainText(
    "Amber Otter was first. Yours is next in line.",
  );
  await expect(quiet.query, "the question leaves the composer").toHaveValue("");
  await expectQueue(blue, ["second"]);
  await blue.generate("third");
  await blue.say("@model how many extension leads?");
  await expect(blue.chat).toContainText("Third in the queue");
  for (const person of [amber, quiet, blue])
    await expectQueue(person, ["second", "third", "how many extension leads?"]);
  for (const scheme of ["light", "dark"] as const) {
    await blue.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page: blue.page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  }

  // The host moves any question; an author may cancel the own one and no other.
  await entriesOf(amber).filter({ hasText: "“third”" }).focus();
  await amber.page.keyboard.press("Alt+ArrowUp");
  for (const person of [amber, quiet, blue])
    await expectQueue(person, ["third", "second", "how many extension leads?"]);
  await expect(queueOf(quiet).getByRole("button", { name: "Cancel “third”" })).toHaveCount(0);
  await expect(queueOf(quiet).getByRole("button", { name: /^Move up/ })).toHaveCount(0);
  await queueOf(blue).getByRole("button", { name: "Cancel “third”" }).click();
  for (const person of [amber, quiet, blue])
    await expectQueue(person, ["second", "how many extension leads?"]);
  await expect(blue.query, "a cancelled question comes back").toHaveValue("third");

  // Stop pauses the queue, and any player resumes it.
  model.answer = "Done.";
  await quiet.output.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(amber.output).toContainText("Stopped. The part so far is kept.");
  await expect(queueOf(amber)).toContainText("Quiet Heron stopped an answer. The queue goes on");
  await expect(queueOf(amber)).toContainText(/in \d+ s/);
  const calls = model.calls.length;
  await queueOf(blue).getByRole("button", { name: "Resume" }).click();
  for (const person of [amber, quiet, blue]) {
    await expect(person.question()).toHaveText("how many extension leads?", { timeout: 30_000 });
    await expect(person.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });
    await expect(queueOf(person)).toHaveCount(0);
  }
  expect(model.calls.slice(calls).map(({ messages }) => messages.at(-1)?.content)).toEqual([
    "second",
    "how many extension leads?",
  ]);
  await expect(blue.chat).toContainText("Answered in Output");
  await expect(blue.chat.locator('[data-kind="model"]')).toContainText("Done.");

  // With two slots, two answers are written side by side. Each page stays with its own and names the other.
  const session = await roomSession(amber.page);
  await session.evaluate((document) =>
    document.handle.change((doc) => {
      doc.settings.slots = 2;
    }),
  );
  model.answer = "Side by side.";
  model.pauseAt = 8;
  await amber.generate("one");
  await expect(amber.answer()).toHaveAttribute("data-status", "running");
  await quiet.page.getByRole("button", { name: /^Continues\./ }).click();
  await quiet.page.getByRole("menuitem", { name: "Start a new conversation" }).click();
  await quiet.generate("two");
  await expect(quiet.question()).toHaveText("two");
  await expect(quiet.answer()).toHaveAttribute("data-status", "running");
  await expect(queueOf(amber)).toContainText("“two” is being written");
  await expect(amber.question()).toHaveText("one");
  await expect(
    quiet.output.getByRole("img", { name: "Another conversation is being written" }),
    "the switch at the branch marks the other answer",
  ).toBeVisible();
  await queueOf(amber).getByRole("button", { name: "Show" }).click();
  await expect(amber.question()).toHaveText("two");
  model.pauseAt = Number.POSITIVE_INFINITY;
  for (const person of [amber, quiet])
    await expect(person.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });
  await expect(queueOf(amber)).toHaveCount(0);
  await request.dispose();
  for (const person of [amber, quiet, blue]) await person.leave();
});
