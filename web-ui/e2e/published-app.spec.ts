import { expect, test } from "./support/fixtures";

const COUNTER = `
import { useState } from "react";

export default function App() {
  const [count, setCount] = useState<number>(0);
  return <button onClick={() => setCount(count + 1)}>Count {count}</button>;
}
`;

/** Deploys an app through the apps API and returns the answer. */
async function deploy(serverUrl: string): Promise<{ entryPointUrl: string; wrapperUrl: string }> {
  const post = async (path: string, body: unknown, token = "") => {
    const response = await fetch(serverUrl + path, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    expect(response.ok, await response.clone().text()).toBe(true);
    return response.json();
  };
  const { token } = await post("/api/identities", { name: "Ada" });
  const file = { type: "code-block", lang: "tsx", filename: "/App.tsx", content: COUNTER };
  const body = {
    type: "vibes.diy.req-ensure-app-slug",
    mode: "production",
    appSlug: "counter",
    fileSystem: [file],
  };
  return post("/api", body, token);
}

test("an app in TSX that is deployed by the API runs in the browser on its own host", async ({
  page,
  server,
}) => {
  const { entryPointUrl } = await deploy(server.url);
  expect(new URL(entryPointUrl).hostname).toMatch(/^counter--[a-z0-9-]+\.localhost$/);
  await page.goto(entryPointUrl);
  await page.getByRole("button", { name: "Count 0" }).click();
  await expect(page.getByRole("button", { name: "Count 1" })).toBeVisible();
  const reached = await page.evaluate(() => fetch("/api/health").then((response) => response.status));
  expect(reached, "the host of an app has no API").toBe(404);
});

test("the page of a published app shows the app in a frame", async ({ page, server }) => {
  const { wrapperUrl } = await deploy(server.url);
  await page.goto(wrapperUrl);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("button", { name: "Count 0" }).click();
  await expect(frame.getByRole("button", { name: "Count 1" })).toBeVisible();
});
