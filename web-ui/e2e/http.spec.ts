import { Participant } from "./panels/people";
import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";

const participantOf = (person: Person): Participant =>
  new Participant(person.page, person.context, person.name);

test("a card played over HTTP appears in the browser with its author", async ({ arrive, server }) => {
  const ada = await arrive("Ada");
  const link = new URL(await ada.openRoom(server.url, "By hand"));
  const path = `${server.url}/api/rooms/${link.pathname.split("/").at(-1)}`;
  const post = async (url: string, body: unknown, token = ""): Promise<{ token: string }> => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Parlor-Key": link.hash.slice("#k=".length),
        ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    expect(response.ok, await response.clone().text()).toBe(true);
    return response.json();
  };
  const { token } = await post(`${server.url}/api/identities`, { name: "Curl" });
  await post(`${path}/join`, { name: "Curl" }, token);
  await post(`${path}/play`, { type: "tone", text: "Played by hand" }, token);
  await expect(participantOf(ada).card("Played by hand")).toContainText("Curl");
});

test("the model receives the prompt that the preview shows, the query as last message, and the smallest token limit", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "What is sent");
  const page = participantOf(ada);
  await page.playOwnCard("Token limit", "90");
  await page.playOwnCard("Token limit", "50");
  await ada.awaitSaved();
  await page.query.fill("Say hello");
  await ada.page.getByRole("button", { name: "Preview prompt" }).click();
  const preview = ada.page.getByRole("dialog");
  await expect(preview).toContainText("IMPORTANT: Keep your response under 50 tokens.");
  const shown = (await preview.textContent()) ?? "";
  await ada.page.keyboard.press("Escape");
  await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(page.answer()).toHaveAttribute("data-status", "done", { timeout: 30_000 });

  expect(model.calls).toHaveLength(1);
  const call = model.calls[0] as (typeof model.calls)[number] & { max_tokens: number; stream: boolean };
  expect(call.max_tokens).toBe(50);
  expect(call.stream).toBe(true);
  expect(call.messages.at(-1)).toEqual({ role: "user", content: "Say hello" });
  const system = call.messages[0]?.content ?? "";
  expect(system).toMatch(/IMPORTANT: Keep your response under 50 tokens\.$/);
  for (const paragraph of system.split("\n\n")) expect(shown).toContain(paragraph);
});
