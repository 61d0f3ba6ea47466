import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";
import { tagged } from "../support/tags";

const output = (person: Person) => person.page.getByRole("region", { name: "Output", exact: true });
const answer = (person: Person) => output(person).locator("[data-answer]").last();
const composer = (person: Person) => person.page.getByRole("form", { name: "Composer" }).locator("..");

async function generate(person: Person, query: string): Promise<void> {
  await person.page.getByRole("textbox", { name: "Query" }).fill(query);
  await person.page.getByRole("button", { name: "Generate", exact: true }).click();
}

test("an answer that stops at the model's token limit says so, and Continue requests the rest", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Cut answers");
  model.answer = "Once upon a time there";
  model.finishReason = "length";
  await generate(ada, "Tell a tale");
  await expect(output(ada)).toContainText("Stopped at the model's own limit.", { timeout: 30_000 });
  await expect(answer(ada)).toHaveAttribute("data-status", "stopped");
  await expect(answer(ada)).toContainText("Once upon a time there");
  model.answer = "was an otter.";
  model.finishReason = "stop";
  await output(ada).getByRole("button", { name: "Continue", exact: true }).click();
  await expect(answer(ada)).toContainText("was an otter.", { timeout: 30_000 });
  await expect(answer(ada)).toHaveAttribute("data-status", "done");
  await expect(output(ada).getByRole("button", { name: "Continue", exact: true })).toHaveCount(0);
  const messages = model.calls[1]?.messages ?? [];
  expect(messages.slice(-3)).toEqual([
    { role: "user", content: "Tell a tale" },
    { role: "assistant", content: "Once upon a time there" },
    { role: "user", content: "Continue exactly where you stopped." },
  ]);
});

for (const [finish, sentence] of [
  ["content_filter", "The provider's content filter stopped the answer."],
  ["tool_calls", "The model asked for a tool, and rooms have none."],
  ["banana", "The model ended the answer with “banana”."],
] as const) {
  test(
    `an answer that ends with ${finish} says so and keeps its part`,
    tagged(finish !== "tool_calls"),
    async ({ arrive, server, model }) => {
      const ada = await arrive("Ada");
      await ada.openRoom(server.url, "Other ends");
      model.answer = "A part";
      model.finishReason = finish;
      await generate(ada, "Begin");
      await expect(output(ada)).toContainText(`${sentence} The part so far is kept.`, { timeout: 30_000 });
      await expect(answer(ada)).toContainText("A part");
      await expect(output(ada).getByRole("button", { name: "Continue", exact: true })).toHaveCount(
        finish === "banana" ? 1 : 0,
      );
    },
  );
}

test("an empty answer is shown as an error", async ({ arrive, server, model }) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Nothing");
  model.answer = "";
  await generate(ada, "Say nothing");
  await expect(output(ada)).toContainText("The model wrote nothing.", { timeout: 30_000 });
  await expect(answer(ada)).toHaveAttribute("data-status", "error");
});

test("the eleventh question in a minute is refused with the limit and a countdown, and no retry is offered", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Many questions");
  model.answer = "Short.";
  model.pieceDelayMillis = 0;
  for (let n = 1; n <= 10; n++) {
    await generate(ada, `Question ${n}`);
    await expect(output(ada).locator(".output-query").last()).toHaveText(`Question ${n}`, {
      timeout: 30_000,
    });
    await expect(answer(ada)).toHaveAttribute("data-status", "done", { timeout: 30_000 });
    await expect(ada.page.getByRole("button", { name: "Generate", exact: true })).toBeVisible();
  }
  await generate(ada, "Question 11");
  const notice = composer(ada).locator(".composer-notice");
  await expect(notice).toContainText(/10 questions a minute\. Try again in \d+ s\./);
  await expect(notice.getByRole("button", { name: "Try again" })).toHaveCount(0);
  const seconds = async () => Number(/in (\d+) s/.exec((await notice.textContent()) ?? "")?.[1]);
  const first = await seconds();
  expect(first).toBeLessThanOrEqual(60);
  await expect.poll(seconds).toBeLessThan(first);
});
