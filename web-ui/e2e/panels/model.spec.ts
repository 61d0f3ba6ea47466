import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";

const CODE = 'const greeting = `<b>"hi"</b> && name`;\n\n\tif (a < b) {\n\t\treturn 1; // 🦦\n\t}';
const ANSWER = [
  "# A heading",
  '<img src="https://tracker.example/a.png" onerror="window.pwned=1"><script>window.pwned=1</script>',
  "![pixel](https://tracker.example/pixel.png) [bad](javascript:window.pwned=1) [good](https://example.com/)",
  `\`\`\`ts\n${CODE}\n\`\`\``,
  "The end.",
].join("\n\n");

const output = (who: Person) => who.page.getByRole("region", { name: "Output", exact: true });
const answer = (who: Person) => output(who).locator("[data-answer]");

async function ask(who: Person, query: string): Promise<void> {
  await who.page.getByRole("textbox", { name: "Query" }).fill(query);
  await who.page.getByRole("button", { name: "Generate" }).click();
}

const clipboard = (who: Person) => who.page.evaluate(() => navigator.clipboard.readText());

test("a model's answer runs nothing and fetches nothing, and its code is copied exactly [U10]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Hostile model"));
  model.answer = ANSWER;
  await ask(ada, "Write code");
  for (const who of [ada, bob]) {
    await expect(answer(who)).toHaveAttribute("data-status", "done", { timeout: 30_000 });
    await expect(answer(who).getByRole("heading", { name: "A heading" })).toBeVisible();
    await expect(answer(who)).toContainText(
      '<img src="https://tracker.example/a.png" onerror="window.pwned=1">',
    );
    await expect(answer(who)).toContainText("Picture, not loaded: pixel");
    await expect(answer(who).getByRole("link", { name: "bad" })).toHaveCount(0);
    await expect(answer(who).getByRole("link", { name: "good" })).toHaveAttribute("rel", /noopener/);
    expect(await answer(who).locator("img, script, iframe").count()).toBe(0);
    expect(await who.page.evaluate(() => "pwned" in window)).toBe(false);
  }
  await answer(bob).getByRole("button", { name: "Copy ts code" }).click();
  await expect(bob.page.getByTestId("announcer")).toContainText("Copied");
  expect(await clipboard(bob)).toBe(CODE);
  await output(ada).getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(() => clipboard(ada)).toBe(ANSWER);
  // The fixture checks at the end that no page has sent a request to another host.
});

test("no copy button is offered while the code fence is open [U10]", async ({ arrive, server, model }) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "A slow model");
  model.answer = `Before.\n\n\`\`\`ts\n${"const a = 1;\n".repeat(60)}\`\`\`\n\nAfter.`;
  model.pace = 20;
  await ask(ada, "Write code");
  const code = answer(ada).locator("figure");
  await expect(code).toContainText("const a = 1;");
  await expect(answer(ada)).toHaveAttribute("data-status", "running");
  expect(await code.getByRole("button").count()).toBe(0);
  await expect(code.getByRole("button", { name: "Copy ts code" })).toBeVisible({ timeout: 40_000 });
});

test("all people see that a model failed, and a retry asks the same question [U8]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "A broken model"));
  model.failWith = 400;
  await ask(ada, "Say anything");
  for (const who of [ada, bob]) {
    await expect(output(who)).toContainText("The model did not answer", { timeout: 30_000 });
    await expect(answer(who)).toHaveAttribute("data-status", "error");
  }
  model.failWith = null;
  model.answer = "Here it is.";
  await output(bob).getByRole("button", { name: "Retry" }).click();
  for (const who of [ada, bob]) {
    await expect(answer(who)).toContainText("Here it is.", { timeout: 30_000 });
    await expect(output(who)).toContainText("Bob asked");
  }
  expect(model.calls.at(-1)?.messages.at(-1)?.content).toBe("Say anything");
});

test("two people who press Generate at once cause one call and see one answer", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "A race"));
  await ada.saved();
  await bob.saved();
  model.answer = "Only once. ".repeat(30);
  for (const who of [ada, bob])
    await who.page.getByRole("textbox", { name: "Query" }).fill(`From ${who.name}`);
  await Promise.all([ada, bob].map((who) => who.page.getByRole("textbox", { name: "Query" }).press("Enter")));
  for (const who of [ada, bob]) {
    await expect(answer(who)).toHaveAttribute("data-status", "done", { timeout: 30_000 });
  }
  expect(model.calls).toHaveLength(1);
  const drawn = await Promise.all([ada, bob].map((who) => answer(who).textContent()));
  expect(drawn[0]).toBe(drawn[1]);
});

test("a reload in the middle of an answer shows the part so far, and the answer continues [U9]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "A long answer");
  model.answer = Array.from({ length: 80 }, (_, n) => `word${n}`).join(" ");
  model.pace = 25;
  await ask(ada, "Count");
  await expect(answer(ada)).toContainText("word5");
  await ada.page.reload();
  await ada.inside();
  await expect(answer(ada)).toContainText("word5");
  await expect(answer(ada)).toContainText("word79", { timeout: 40_000 });
  await output(ada).getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(() => clipboard(ada)).toBe(model.answer);
});

test("a person who pressed Generate second is told who was first and can try again", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  const held: (() => void)[] = [];
  let holding = false;
  await bob.page.routeWebSocket(/\/sync\//, (page) => {
    const relay = page.connectToServer();
    const pass = (send: () => void) => (holding ? held.push(send) : send());
    page.onMessage((message) => pass(() => relay.send(message)));
    relay.onMessage((message) => pass(() => page.send(message)));
  });
  await bob.follow(await ada.openRoom(server.url, "A slow line"));
  await ada.saved();
  await bob.saved();
  model.answer = "For Ada. ".repeat(60);
  model.pace = 60;

  holding = true;
  await ask(ada, "Ada's question");
  await expect(answer(ada)).toHaveAttribute("data-status", "running");
  await ask(bob, "Bob's question");
  await expect(output(bob)).toContainText("Bob asked");
  holding = false;
  for (const send of held.splice(0)) send();

  const told = bob.page.getByRole("alert").filter({ hasText: /Try again|try again/ });
  await expect(told).toContainText("Ada pressed Generate first, so yours did not run.");
  await expect(output(bob)).toContainText("Ada asked");
  expect(model.calls).toHaveLength(1);
  model.answer = "For Bob.";
  model.pace = 5;
  await output(ada).getByRole("button", { name: "Stop" }).click();
  await told.getByRole("button", { name: "Try again" }).click();
  for (const who of [ada, bob]) await expect(answer(who)).toContainText("For Bob.");
  expect(model.calls.at(-1)?.messages.at(-1)?.content).toBe("Bob's question");
});
