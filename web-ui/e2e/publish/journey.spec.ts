import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";

const FOLDER = fileURLToPath(new URL("../../test-results/screens", import.meta.url));

const COUNTER = `import { useEffect, useState } from "react";

export default function TeaCounter() {
  const [count, setCount] = useState(() => parlor.state.get("count") ?? 0);
  useEffect(() => parlor.state.subscribe("count", (next) => setCount(next ?? 0)), []);
  return <button onClick={() => parlor.state.set("count", count + 1)}>Poured {count}</button>;
}`;

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;

async function screenshots(person: Person, name: string): Promise<void> {
  for (const size of SIZES) {
    await person.page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await person.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await person.page.screenshot({ path: join(FOLDER, `${name}-${size.width}-${colorScheme}.png`) });
    }
  }
  await person.page.setViewportSize(SIZES[0]);
  await person.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

test("an answer opens as an app for two people, is published, used from its link, unpublished, and remixed", async ({
  arrive,
  server,
  model,
  browser,
}) => {
  mkdirSync(FOLDER, { recursive: true });
  const ada = await arrive("Ada", { reducedMotion: "reduce" });
  const bob = await arrive("Bob", { reducedMotion: "reduce" });
  await bob.follow(await ada.openRoom(server.url, "Tea"));
  model.answer = `Here it is.\n\n\`\`\`jsx\n${COUNTER}\n\`\`\`\n`;
  model.pieceDelayMillis = 1;
  await ada.page.getByRole("textbox", { name: "Query" }).fill("Make a tea counter");
  await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
  await ada.region("Output").getByRole("button", { name: "Open as app" }).click({ timeout: 30_000 });
  const frameOf = (person: Person) => person.region("Tea counter").frameLocator("iframe");
  for (const person of [ada, bob])
    await expect(frameOf(person).getByRole("button", { name: "Poured 0" })).toBeVisible({ timeout: 30_000 });
  await frameOf(bob).getByRole("button").click();
  await expect(frameOf(ada).getByRole("button", { name: "Poured 1" })).toBeVisible();
  await screenshots(ada, "app");

  await ada.region("Tea counter").getByRole("button", { name: "Publish" }).click();
  const dialog = ada.page.getByRole("dialog");
  await dialog.getByRole("button", { name: /^Publish/ }).click();
  await expect(dialog.getByText(/published/)).toBeVisible({ timeout: 30_000 });
  const link = (await dialog.getByRole("link").first().getAttribute("href")) ?? "";
  expect(new URL(link).hostname).toMatch(/--[a-z0-9-]+\.localhost$/);

  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(link);
  await stranger.getByRole("button", { name: "Poured 0" }).click();
  await expect(stranger.getByRole("button", { name: "Poured 1" })).toBeVisible();

  const carol = await arrive("Carol", { reducedMotion: "reduce" });
  const [app, user] = new URL(link).hostname.replace(".localhost", "").split("--");
  await carol.page.goto(`${server.url}/?remix=${user}/${app}`);
  await carol.page.getByRole("dialog").getByRole("button", { name: "Remix" }).click();
  await carol.page.getByLabel("Your name in this room").fill("Carol");
  await carol.page.getByLabel("Your name in this room").press("Enter");
  await carol.awaitRoom();
  const remixed = carol.region(/tea-counter/).frameLocator("iframe");
  await expect(remixed.getByRole("button", { name: "Poured 0" })).toBeVisible({ timeout: 30_000 });

  await dialog.getByRole("button", { name: "Unpublish" }).click();
  await expect(dialog.getByText(/Unpublished/)).toBeVisible();
  expect((await stranger.goto(link))?.status()).toBe(404);
  await stranger.context().close();
});
