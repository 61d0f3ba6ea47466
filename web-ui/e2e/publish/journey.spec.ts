import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FrameLocator, Locator, Page } from "@playwright/test";
import readQr from "jsqr";
import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";

const FOLDER = fileURLToPath(new URL("../../test-results/screens", import.meta.url));

/** The label stands at the end, where a person edits it. */
const COUNTER = `import { useEffect, useState } from "react";
import "./style.css";

export default function TeaCounter() {
  const [count, setCount] = useState(() => parlor.state.get("count") ?? 0);
  useEffect(() => parlor.state.subscribe("count", (next) => setCount(next ?? 0)), []);
  return <button onClick={() => parlor.state.set("count", count + 1)}>{LABEL} {count}</button>;
}
const LABEL = "Poured";`;
const STYLE =
  "button { font: 600 28px system-ui; padding: 16px 28px; background: rgb(0, 120, 90); color: white }";

const file = (name: string, code: string): string =>
  `${name}\n\`\`\`${name.split(".").at(-1)}\n${code}\n\`\`\`\n`;
const window = (person: Person): Locator => person.region("Tea counter");
const frame = (person: Person): FrameLocator => window(person).frameLocator("iframe");
const button = (person: Person, label: string): Locator =>
  frame(person).getByRole("button", { name: label, exact: true });

async function allSee(people: readonly Person[], label: string): Promise<void> {
  for (const person of people) await expect(button(person, label)).toBeVisible({ timeout: 30_000 });
}

/** Writes at the end of the code that a person edits. */
async function append(person: Person, text: string, removed = 0): Promise<void> {
  await window(person).getByRole("textbox", { name: "Code: App.jsx" }).click();
  await person.page.keyboard.press("Control+End");
  for (let i = 0; i < removed; i++) await person.page.keyboard.press("Backspace");
  await person.page.keyboard.insertText(text);
}

/** A page on its own host. */
async function aPage(html: string): Promise<{ readonly url: string; readonly stop: () => Promise<unknown> }> {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(html));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop };
}

/** The text of the QR code as the browser draws it. */
async function scanned(page: Page): Promise<string | undefined> {
  const { width, pixels } = await page.getByRole("img", { name: /^QR code of/ }).evaluate(async (svg) => {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 320;
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0, 320, 320);
    return { width: 320, pixels: [...(context?.getImageData(0, 0, 320, 320).data ?? [])] };
  });
  return readQr(Uint8ClampedArray.from(pixels), width, width)?.data;
}

test("an app goes from an answer to two browsers and a phone, is edited, fixed, published, remixed and unpublished", async ({
  arrive,
  server,
  model,
  browser,
}) => {
  test.slow();
  mkdirSync(FOLDER, { recursive: true });
  const still = { reducedMotion: "reduce" } as const;
  const ada = await arrive("Ada", still);
  const bob = await arrive("Bob", still);
  const cleo = await arrive("Cleo", { ...still, width: 390, height: 844, touch: true });
  const people = [ada, bob, cleo];
  // The app fails on purpose, and the browser writes its error to the console of the page.
  for (const person of people) person.page.on("pageerror", () => person.errors.splice(0));
  const link = await ada.openRoom(server.url, "Tea");
  await bob.follow(link);
  await cleo.follow(link);

  // The answer has two files, which are one app.
  model.answer = `Here it is.\n\n${file("App.jsx", COUNTER)}\n${file("style.css", STYLE)}`;
  model.pieceDelayMillis = 1;
  await ada.page.getByRole("textbox", { name: "Query" }).fill("Make a tea counter");
  await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
  await ada.region("Output").getByRole("button", { name: "Open as app" }).click({ timeout: 30_000 });
  await cleo.page.getByRole("tab", { name: "App", exact: true }).tap();
  await allSee(people, "Poured 0");
  await expect(button(cleo, "Poured 0")).toHaveCSS("background-color", "rgb(0, 120, 90)");
  await button(bob, "Poured 0").click();
  await allSee(people, "Poured 1");
  await button(cleo, "Poured 1").tap();
  await allSee(people, "Poured 2");

  // Ada edits the code, and all see it; the shared state stays.
  await window(ada).getByRole("tab", { name: "Code" }).click();
  await expect(window(ada).getByRole("button", { name: "style.css", exact: true })).toBeVisible();
  await window(ada).getByRole("button", { name: "Edit code" }).click();
  await append(ada, '!";', 2);
  await allSee([bob, cleo], "Poured! 2");

  // Ada breaks it. Bob has it fixed by one press, and the question continues the conversation.
  await append(ada, "\nkettle();");
  for (const person of people)
    await expect(window(person).getByRole("alert")).toContainText(
      "ReferenceError: kettle is not defined · App.jsx, line 10",
      { timeout: 30_000 },
    );
  await window(ada).getByRole("tab", { name: "Preview" }).click();
  await person390(cleo, "app-error");
  model.answer = `Fixed.\n\n${file("App.jsx", COUNTER.replace("Poured", "Served"))}`;
  await window(bob).getByRole("button", { name: "Fix it" }).click();
  await allSee(people, "Served 2");
  await expect(button(ada, "Served 2")).toHaveCSS("background-color", "rgb(0, 120, 90)");
  for (const person of people) {
    await expect(window(person).getByRole("alert")).toHaveCount(0);
    await expect(window(person).getByRole("button", { name: "Version 3 of 3" })).toBeVisible();
  }
  const asked = model.calls.at(-1)?.messages.map(({ content }) => content) ?? [];
  expect(asked.at(-1)).toContain("Error: ReferenceError: kettle is not defined");
  expect(asked.slice(0, -1).join("\n"), "the fix follows the answer that made the app").toContain(
    "Make a tea counter",
  );

  // The dialog stays open, with the typed text, when the window becomes as narrow as a phone.
  await window(ada).getByRole("button", { name: "Publish" }).click();
  const dialog = ada.page.getByRole("dialog");
  await dialog.getByRole("switch", { name: "Show my name" }).check();
  await expect(dialog.getByLabel("Name to show")).toHaveValue("Ada");
  await dialog.getByLabel("Name to show").fill("Ada of Tea");
  await dialog.getByRole("textbox", { name: "Address", exact: true }).fill("our-tea");
  await ada.page.setViewportSize({ width: 390, height: 844 });
  await expect(ada.page.locator(".phone")).toBeAttached();
  await person390(ada, "publish");
  await expect(dialog.getByLabel("Name to show")).toHaveValue("Ada of Tea");
  await ada.page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByRole("button", { name: "Publish v3" }).click();
  await expect(dialog.getByText("v3 is published")).toBeVisible({ timeout: 30_000 });
  const links = dialog.locator("footer").getByRole("link");
  const url = (await links.first().getAttribute("href")) ?? "";
  const page = (await links.last().getAttribute("href")) ?? "";
  expect(new URL(url).hostname).toMatch(/^our-tea--[a-z0-9-]+\.localhost$/);
  expect(await scanned(ada.page)).toBe(url);

  // A stranger opens the link. The app has its style and its own state.
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(url);
  const poured = stranger.getByRole("button", { name: "Served 0" });
  await expect(poured).toHaveCSS("background-color", "rgb(0, 120, 90)");
  await poured.click();
  await expect(stranger.getByRole("button", { name: "Served 1" })).toBeVisible();
  const snippet = (await dialog.getByText(/^<iframe/).textContent()) ?? "";
  const blog = await aPage(`<h1>My blog</h1>${snippet}`);
  await stranger.goto(blog.url);
  await expect(stranger.frameLocator("iframe").getByRole("button", { name: /^Served/ })).toBeVisible();
  await blog.stop();

  // Carol remixes it from the bar of its page into a room of her own.
  const carol = await arrive("Carol", still);
  await carol.page.goto(page);
  await expect(carol.page.getByText("by Ada of Tea")).toBeVisible();
  await expect(carol.page.frameLocator("iframe").getByRole("button", { name: "Served 0" })).toBeVisible();
  await carol.page.screenshot({ path: join(FOLDER, "app-page-1440-light.png") });
  await carol.page.getByRole("link", { name: "Remix" }).click();
  await carol.page.getByRole("dialog").getByRole("button", { name: "Remix" }).click();
  await carol.page.getByLabel("Your name in this room").fill("Carol");
  await carol.page.getByLabel("Your name in this room").press("Enter");
  await carol.awaitRoom();
  const remixed = carol.region(/our-tea/);
  const copy = remixed.frameLocator("iframe").getByRole("button", { name: "Served 0" });
  await expect(copy).toHaveCSS("background-color", "rgb(0, 120, 90)", { timeout: 30_000 });
  await remixed.getByRole("tab", { name: "Code" }).click();
  await remixed.getByRole("button", { name: "style.css", exact: true }).click();
  await expect(remixed.getByRole("textbox", { name: "Code: style.css" })).toContainText("28px");

  await dialog.getByRole("button", { name: "Unpublish" }).click();
  await expect(dialog.getByText("Unpublished. The address shows nothing now.")).toBeVisible();
  expect((await stranger.goto(url))?.status()).toBe(404);
  await expect(stranger.getByText("the app's author has taken it offline")).toBeVisible();
  await stranger.context().close();
  for (const person of people) person.errors.splice(0);
});

async function person390({ page }: Person, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `journey-${name}-390.png`), animations: "disabled" });
}
