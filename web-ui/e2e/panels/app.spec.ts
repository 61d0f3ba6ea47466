import type { FrameLocator, Locator } from "@playwright/test";
import { serveApps } from "../support/appRoutes";
import { expect, test } from "../support/fixtures";
import type { StubModel } from "../support/model";
import type { Person } from "../support/person";

const COUNTER = `import { useEffect, useState } from "react";

export default function TeaCounter() {
  const [count, setCount] = useState(() => parlor.state.get("count") ?? 0);
  useEffect(() => parlor.state.subscribe("count", (next) => setCount(next ?? 0)), []);
  return (
    <main>
      <h1>Cups of tea</h1>
      <button onClick={() => parlor.state.set("count", count + 1)}>Poured {count}</button>
    </main>
  );
}`;

const fenced = (language: string, code: string): string =>
  `Here it is.\n\n\`\`\`${language}\n${code}\n\`\`\`\n\nEnjoy.`;

const output = (person: Person): Locator => person.page.getByRole("region", { name: "Output", exact: true });
const frameIn = (window: Locator): FrameLocator => window.frameLocator("iframe");

async function answered(
  person: Person,
  model: StubModel,
  text: string,
  query = "Make an app",
): Promise<void> {
  model.answer = text;
  model.pieceDelayMillis = 1;
  await person.page.getByRole("textbox", { name: "Query" }).fill(query);
  await person.page.getByRole("button", { name: "Generate" }).click();
  await expect(output(person).locator("[data-answer]")).toHaveAttribute("data-status", "done", {
    timeout: 30_000,
  });
}

test("Open as app opens a React app for everybody, and its shared state is the same for all", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  for (const person of [ada, bob]) await serveApps(person.context);
  await bob.follow(await ada.openRoom(server.url, "Tea"));
  await answered(ada, model, fenced("jsx", COUNTER));
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  const apps = [ada, bob].map((person) => person.region("Tea counter"));
  for (const app of apps)
    await expect(frameIn(app).getByRole("button", { name: "Poured 0" })).toBeVisible({ timeout: 30_000 });
  await frameIn(apps[0] as Locator)
    .getByRole("button")
    .click();
  await frameIn(apps[1] as Locator)
    .getByRole("button", { name: "Poured 1" })
    .click();
  for (const app of apps) {
    await expect(frameIn(app).getByRole("button", { name: "Poured 2" })).toBeVisible();
    await expect(app.getByText("Shared by everyone here: count")).toBeVisible();
  }
  await expect(output(bob).getByRole("button", { name: "Show app" })).toBeVisible();
  await (apps[1] as Locator).getByRole("button", { name: "Reset" }).click();
  await expect(frameIn(apps[0] as Locator).getByRole("button", { name: "Poured 0" })).toBeVisible();
});
