import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";
import { roomSession } from "../support/room-session";

const CODE = 'const greeting = `<b>"hi"</b> && name`;\n\n\tif (a < b) {\n\t\treturn 1; // 🦦\n\t}';
const ANSWER = [
  "# A heading",
  '<img src="https://tracker.example/a.png" onerror="window.pwned=1"><script>window.pwned=1</script>',
  "![pixel](https://tracker.example/pixel.png) [bad](javascript:window.pwned=1) [good](https://example.com/)",
  `\`\`\`ts\n${CODE}\n\`\`\``,
  "The end.",
].join("\n\n");

const output = (person: Person) => person.page.getByRole("region", { name: "Output", exact: true });
const answer = (person: Person) => output(person).locator("[data-answer]").last();

async function generate(person: Person, query: string): Promise<void> {
  await person.page.getByRole("textbox", { name: "Query" }).fill(query);
  await person.page.getByRole("button", { name: "Generate", exact: true }).click();
}

/** The states of all answers in this page's copy of the document. */
async function answerStates(person: Person): Promise<unknown[]> {
  const room = await roomSession(person.page);
  return room.evaluate((session) =>
    Object.values(session.handle.doc().results).map(({ status }) => String(status)),
  );
}

const clipboardText = (person: Person) => person.page.evaluate(() => navigator.clipboard.readText());

test("markup in a model's answer runs nothing and loads nothing, and its code is copied exactly [U10]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Hostile model"));
  model.answer = ANSWER;
  await generate(ada, "Write code");
  for (const person of [ada, bob]) {
    await expect(answer(person)).toHaveAttribute("data-status", "done", { timeout: 30_000 });
    await expect(answer(person).getByRole("heading", { name: "A heading" })).toBeVisible();
    await expect(answer(person)).toContainText(
      '<img src="https://tracker.example/a.png" onerror="window.pwned=1">',
    );
    await expect(answer(person)).toContainText("Picture, not loaded: pixel");
    await expect(answer(person).getByRole("link", { name: "bad" })).toHaveCount(0);
    await expect(answer(person).getByRole("link", { name: "good" })).toHaveAttribute("rel", /noopener/);
    expect(await answer(person).locator("img, script, iframe").count()).toBe(0);
    expect(await person.page.evaluate(() => "pwned" in window)).toBe(false);
  }
  await answer(bob).getByRole("button", { name: "Copy ts code" }).click();
  await expect(bob.page.getByTestId("announcer")).toContainText("Copied");
  expect(await clipboardText(bob)).toBe(CODE);
  await output(ada).getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(() => clipboardText(ada)).toBe(ANSWER);
  // The fixture checks at the end that no page has sent a request to another host.
});

test("code in an answer gets its copy button only when the code block is complete [U10]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "A slow model");
  model.answer = `Before.\n\n\`\`\`ts\n${"const a = 1;\n".repeat(60)}\`\`\`\n\nAfter.`;
  model.pieceDelayMillis = 20;
  await generate(ada, "Write code");
  const code = answer(ada).locator("figure");
  await expect(code).toContainText("const a = 1;");
  await expect(answer(ada)).toHaveAttribute("data-status", "running");
  expect(await code.getByRole("button").count()).toBe(0);
  await expect(code.getByRole("button", { name: "Copy ts code" })).toBeVisible({ timeout: 40_000 });
});

test("all people see that the model failed, and a retry sends the same question [U8]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "A broken model"));
  model.failWith = 400;
  await generate(ada, "Say anything");
  for (const person of [ada, bob]) {
    await expect(output(person)).toContainText("The model did not answer", { timeout: 30_000 });
    await expect(answer(person)).toHaveAttribute("data-status", "error");
  }
  model.failWith = null;
  model.answer = "Here it is.";
  await output(bob).getByRole("button", { name: "Retry" }).click();
  for (const person of [ada, bob]) {
    await expect(answer(person)).toContainText("Here it is.", { timeout: 30_000 });
    await expect(output(person).getByRole("article").last()).toContainText("Bob");
  }
  expect(model.calls.at(-1)?.messages.at(-1)?.content).toBe("Say anything");
});

test("people see what a slow model does: the retry, the thinking, then the thoughts apart from the answer", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "A slow model"));
  model.busyTimes = 1;
  model.thoughts = "First I count **the otters**.";
  model.answer = "There are three otters.";
  model.pauseAt = 0;
  await generate(ada, "How many otters?");
  for (const person of [ada, bob])
    await expect(answer(person)).toContainText(/answered 503: the stub is busy.*Trying again/, {
      timeout: 30_000,
    });
  for (const person of [ada, bob])
    await expect(answer(person)).toContainText("Thinking…", { timeout: 30_000 });
  model.pauseAt = Number.POSITIVE_INFINITY;
  for (const person of [ada, bob]) {
    await expect(answer(person)).toHaveAttribute("data-status", "done", { timeout: 30_000 });
    await expect(answer(person)).toHaveText("There are three otters.");
    const thoughts = output(person).getByText("First I count **the otters**.");
    await expect(thoughts).toBeHidden();
    await output(person).getByText("Thoughts", { exact: true }).click();
    await expect(thoughts).toBeVisible();
  }
  await output(bob).getByRole("button", { name: "Details of this answer" }).click();
  const details = bob.page.getByRole("dialog", { name: "Details of this answer" });
  await expect(details).toContainText("34 tokens");
  await expect(details).toContainText("Endpoint");
});

test("two people who press Generate at once get two answers, one after the other", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "A race"));
  await ada.awaitSaved();
  await bob.awaitSaved();
  model.answer = "For each. ".repeat(10);
  for (const person of [ada, bob])
    await person.page.getByRole("textbox", { name: "Query" }).fill(`From ${person.name}`);
  await Promise.all(
    [ada, bob].map((person) => person.page.getByRole("textbox", { name: "Query" }).press("Enter")),
  );
  for (const person of [ada, bob]) {
    const field = person.page.getByRole("textbox", { name: "Query" });
    await expect(field).toHaveValue("");
    // On a slow machine the second question may follow the first one in its conversation, or begin another conversation.
    await expect.poll(() => answerStates(person), { timeout: 30_000 }).toEqual(["done", "done"]);
    await expect(person.page.getByRole("region", { name: "Queue" })).toHaveCount(0, { timeout: 30_000 });
    await expect(answer(person)).toHaveAttribute("data-status", "done", { timeout: 30_000 });
  }
  expect(model.calls.map(({ messages }) => messages.at(-1)?.content).sort()).toEqual([
    "From Ada",
    "From Bob",
  ]);
});

test("a reload in the middle of an answer shows the part so far, and the answer continues; while the server is away, nothing seems to be written [U9]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "A long answer");
  model.answer = Array.from({ length: 80 }, (_, n) => `word${n}`).join(" ");
  model.pieceDelayMillis = 25;
  model.pauseAt = 60;
  await generate(ada, "Count");
  await expect(answer(ada)).toContainText("word5");
  await ada.page.reload();
  await ada.awaitRoom();
  await expect(answer(ada)).toContainText("word5");
  await ada.setOffline(true);
  await expect(output(ada)).toContainText("Waiting for the server");
  await expect(output(ada)).not.toContainText("Writing,");
  model.pauseAt = Number.POSITIVE_INFINITY;
  await ada.setOffline(false);
  await expect(output(ada)).not.toContainText("Waiting for the server");
  await expect(answer(ada)).toContainText("word79", { timeout: 40_000 });
  await output(ada).getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(() => clipboardText(ada)).toBe(model.answer);
});
