import type { FrameLocator, Locator } from "@playwright/test";
import { expect, test } from "../support/fixtures";
import type { StubModel } from "../support/model";
import type { Person } from "../support/person";
import { tagged } from "../support/tags";

const COUNTER = `import { useEffect, useState } from "react";
const width = innerWidth;
export default function TeaCounter() {
  const [count, setCount] = useState(() => parlor.state.get("count") ?? 0);
  useEffect(() => parlor.state.subscribe("count", (next) => setCount(next ?? 0)), []);
  return (
    <main>
      <h1>Cups of tea</h1>
      <p data-testid="width">{width}</p>
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
  await person.page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(output(person).locator("[data-answer]").last()).toHaveAttribute("data-status", "done", {
    timeout: 30_000,
  });
}

test("Open as app opens a React app for all people in the room, in a frame that loaded during the answer, with the same shared state", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Tea"));
  const answer = fenced("jsx", COUNTER);
  model.pauseAt = answer.length / 2;
  const writing = answered(ada, model, answer);
  const spares = [ada, bob].map((person) => person.page.locator("div[hidden] > iframe.app-frame"));
  const addresses: (string | null)[] = [];
  for (const spare of spares) {
    await expect(spare.contentFrame().locator("#root")).toBeAttached({ timeout: 30_000 });
    addresses.push(await spare.getAttribute("src"));
  }
  expect(addresses[0]).not.toBe(addresses[1]);
  model.pauseAt = Number.POSITIVE_INFINITY;
  await writing;
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  const apps = [ada, bob].map((person) => person.region("Tea counter"));
  for (const [at, app] of apps.entries()) {
    await expect(frameIn(app).getByRole("button", { name: "Poured 0" })).toBeVisible({ timeout: 30_000 });
    await expect(app.locator("iframe")).toHaveAttribute("src", addresses[at] ?? "");
    await expect(spares[at] as Locator).toHaveCount(0);
    const width = await app.locator("iframe").evaluate((frame) => frame.clientWidth);
    await expect(frameIn(app).getByTestId("width")).toHaveText(`${width}`);
  }
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

  // An app that starts anew while the server is away waits for it, and starts when the server is back.
  for (const person of [ada, bob]) person.ignoresNetworkErrors = true;
  await server.down();
  await expect(ada.state).toContainText(/Offline|Reconnecting/, { timeout: 30_000 });
  await (apps[0] as Locator).getByRole("button", { name: "Run again" }).click();
  await expect((apps[0] as Locator).getByText(/needs the server to start|not available offline/)).toBeVisible(
    {
      timeout: 30_000,
    },
  );
  await expect((apps[0] as Locator).getByText("The app could not load")).toHaveCount(0);
  await server.up();
  await expect(frameIn(apps[0] as Locator).getByRole("button", { name: /^Poured/ })).toBeVisible({
    timeout: 30_000,
  });
});

test("an error is shown with its line, Fix it asks for a fix, and the fix appears for all people as the next version", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  // The app fails on purpose, and the browser writes its error to the console of the page.
  for (const person of [ada, bob]) person.page.on("pageerror", () => person.errors.splice(0));
  await bob.follow(await ada.openRoom(server.url, "Errors"));
  const broken = COUNTER.replace("<h1>Cups of tea</h1>", "<h1>{count.tea.cups}</h1>");
  await answered(ada, model, fenced("jsx", broken));
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  const app = ada.region("Tea counter");
  await expect(app.getByRole("alert")).toContainText("App.jsx, line 8", { timeout: 30_000 });
  await expect(app.getByRole("alert")).toContainText("TypeError");
  await app.getByRole("button", { name: /Console/ }).click();
  await expect(app.getByRole("log", { name: "Console" })).toContainText("TypeError");

  model.answer = fenced("jsx", COUNTER);
  await app.getByRole("button", { name: "Fix it" }).click();
  for (const person of [ada, bob]) {
    const own = person.region("Tea counter");
    await expect(frameIn(own).getByRole("heading", { name: "Cups of tea" })).toBeVisible({ timeout: 30_000 });
    await expect(own.getByRole("alert")).toHaveCount(0);
    await expect(own.getByRole("button", { name: "Version 2 of 2" })).toBeVisible();
  }
  const question = model.calls.at(-1)?.messages.at(-1)?.content ?? "";
  expect(question).toContain("App.jsx, line 8");
  expect(question).toContain("count.tea.cups");

  await bob.region("Tea counter").getByRole("button", { name: "Version 2 of 2" }).click();
  await bob.page.getByRole("menuitemradio", { name: /Back to version 1/ }).click();
  await expect(app.getByRole("alert")).toContainText("line 8");
  ada.errors.splice(0);
  bob.errors.splice(0);
});

test(
  "after two fixes that failed, the way back comes before another fix",
  tagged(false),
  async ({ arrive, server, model }) => {
    const ada = await arrive("Ada");
    ada.page.on("pageerror", () => ada.errors.splice(0));
    await ada.openRoom(server.url, "Two fixes");
    const broken = (name: string) => fenced("html", `<title>Sum</title><script>${name}();</script>`);
    await answered(ada, model, broken("first"));
    await output(ada).getByRole("button", { name: "Open as app" }).click();
    const app = ada.region("Sum");
    const alert = app.getByRole("alert");
    await expect(alert).toContainText("ReferenceError: first is not defined · index.html", {
      timeout: 30_000,
    });
    await expect(alert.getByRole("button", { name: /Back/ })).toHaveCount(0);
    for (const name of ["second", "third"]) {
      model.answer = broken(name);
      await alert.getByRole("button", { name: "Fix it" }).click();
      await expect(alert).toContainText(`${name} is not defined`, { timeout: 30_000 });
    }
    await expect(alert).toContainText("Two fixes did not help.");
    await alert.getByRole("button", { name: "Back to version 1" }).click();
    await expect(alert).toContainText("first is not defined");
    await expect(app.getByRole("button", { name: "Version 1 of 3" })).toBeVisible();
    ada.errors.splice(0);
  },
);

test("Edit code makes the code a shared text, and each screen shows the edited app", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Editing"));
  await answered(ada, model, fenced("html", "<title>Sign</title>\n<h1>Closed</h1>"));
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  const [adas, bobs] = [ada.region("Sign"), bob.region("Sign")];
  await expect(frameIn(bobs).getByRole("heading", { name: "Closed" })).toBeVisible({ timeout: 30_000 });
  await adas.getByRole("tab", { name: "Code" }).click();
  await adas.getByRole("button", { name: "Edit code" }).click();
  await bobs.getByRole("tab", { name: "Code" }).press("Enter");
  const editor = bobs.getByRole("textbox", { name: "Code: index.html" });
  await editor.click();
  await bob.page.keyboard.press("Control+End");
  await bob.page.keyboard.insertText("<h2>Back at noon</h2>");
  await expect(adas.getByRole("textbox", { name: "Code: index.html" })).toContainText("Back at noon");
  await adas.getByRole("tab", { name: "Code" }).press("ArrowLeft");
  await expect(adas.getByRole("tab", { name: "Preview" })).toBeFocused();
  await expect(frameIn(adas).getByRole("heading", { name: "Back at noon" })).toBeVisible();

  await adas.getByRole("tab", { name: "Code" }).click();
  await adas.getByRole("combobox", { name: "Compare with" }).selectOption({ label: "Version 1" });
  await expect(adas.getByLabel("Code of version 1")).toContainText("Closed");
  await expect(adas.getByLabel("Code of version 2")).toContainText("Back at noon");
});

test("an app in an endless loop is shown as not responding, can be stopped, and the room keeps working", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Loop");
  // The loop begins after the click, since the browser driver waits for the end of the click.
  const loop = "<title>Loop</title><button onclick='setTimeout(() => { for (;;); }, 50)'>Spin</button>";
  await answered(ada, model, fenced("html", loop));
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  const app = ada.region("Loop");
  await frameIn(app).getByRole("button", { name: "Spin" }).click({ timeout: 30_000 });
  await expect(app.getByRole("alert")).toContainText("The app is not responding.");
  await ada.page.getByRole("textbox", { name: "Query" }).fill("The room answers");
  await app.getByRole("button", { name: "Stop" }).click();
  await expect(app.locator("iframe")).toHaveCount(0);
  await app.getByRole("button", { name: "Run again", exact: true }).first().click();
  await expect(frameIn(app).getByRole("button", { name: "Spin" })).toBeVisible();
});

test(
  "the window of an opened app takes no keyboard focus from a person who has begun to write",
  tagged(false),
  async ({ arrive, server, model }) => {
    const ada = await arrive("Ada");
    await ada.openRoom(server.url, "Focus");
    await answered(ada, model, fenced("html", "<title>Calm</title><p>Calm</p>"));
    const open = output(ada).getByRole("button", { name: "Open as app" });
    await open.evaluate((button: HTMLElement) => {
      button.click();
      document.querySelector<HTMLElement>("textarea[aria-label=Query]")?.focus();
    });
    await expect(frameIn(ada.region("Calm")).getByText("Calm")).toBeVisible();
    await ada.page.keyboard.type("still here");
    await expect(ada.page.getByRole("textbox", { name: "Query" })).toHaveValue("still here");
  },
);

test("an app has an opaque origin: no storage of the room, no parent, no network, no WebRTC, and links ask first", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  await ada.openRoom(server.url, "Walls");
  const probe = `<title>Walls</title><a href="https://example.com/a">Out</a><pre id="out"></pre>
<script>
const tried = {};
const attempt = (name, action) => { try { tried[name] = String(action()); } catch (error) { tried[name] = error.name; } };
attempt("origin", () => window.origin);
attempt("parent", () => parent.document.title);
attempt("top", () => top.location.href);
attempt("cookie", () => document.cookie === "");
attempt("storage", () => { localStorage.setItem("a", "1"); return Object.keys(localStorage).join(); });
attempt("rtc", () => typeof RTCPeerConnection);
attempt("popup", () => window.open("https://example.com/"));
fetch("https://example.com/b").catch(() => { tried.fetch = "failed"; show(); });
const show = () => { document.getElementById("out").textContent = JSON.stringify(tried); };
show();
console.log("walls", tried);
</script>`;
  await answered(ada, model, fenced("html", probe));
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  const app = ada.region("Walls");
  const out = frameIn(app).locator("#out");
  await expect(out).toContainText('"fetch":"failed"', { timeout: 30_000 });
  expect(JSON.parse((await out.textContent()) ?? "")).toEqual({
    origin: "null",
    parent: "SecurityError",
    top: "SecurityError",
    cookie: "true",
    storage: "a",
    rtc: "undefined",
    popup: "null",
    fetch: "failed",
  });
  await expect(app.getByText("Apps have no network: 1 request was blocked")).toBeVisible();
  await frameIn(app).getByRole("link", { name: "Out" }).click();
  await expect(app.getByRole("link", { name: "Open" })).toHaveAttribute("href", "https://example.com/a");
  await app.getByRole("button", { name: "Cancel" }).click();
  await expect(app.getByRole("link", { name: "Open" })).toHaveCount(0);
  await expect(out).toBeVisible();
  // The browser reports the blocked request in the console.
  ada.errors.splice(0);
});

test(
  "a React app on a server without packages says so, and a drawing runs",
  tagged(false),
  async ({ arrive, server, model }) => {
    const ada = await arrive("Ada");
    ada.ignoresNetworkErrors = true;
    await ada.context.route("**/~~vendor~~/**", (route) => route.fulfill({ status: 404 }));
    await ada.openRoom(server.url, "No packages");
    const drawing = '<svg viewBox="0 0 9 9"><title>Dot</title><circle r="4" cx="4" cy="4"/></svg>';
    await answered(ada, model, `${fenced("jsx", COUNTER)}\n\n${fenced("svg", drawing)}`);
    const open = output(ada).getByRole("button", { name: "Open as app" });
    await expect(open).toHaveCount(2);
    await open.first().click();
    await expect(ada.region("Tea counter").getByRole("alert")).toContainText(
      "This server offers no packages, so React apps cannot run here.",
    );
    await ada
      .region("Tea counter")
      .getByRole("button", { name: /^Close/ })
      .click();
    await open.click();
    await expect(frameIn(ada.region("Dot")).locator("circle")).toBeVisible({ timeout: 30_000 });
  },
);

test("code that a person's program writes into an attached context opens as an app from the chat", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  // The program acts for Ada, with the token that her page sends.
  let authorization = "";
  ada.page.on("request", (request) => {
    authorization = request.headers().authorization ?? authorization;
  });
  await bob.follow(await ada.openRoom(server.url, "Program"));
  await ada.awaitSaved();
  const call = async (name: string, fields: object): Promise<void> => {
    const response = await fetch(`${server.url}/api`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: authorization },
      body: JSON.stringify({ type: `vibes.diy.req-${name}`, contextId: "my-program", ...fields }),
    });
    expect(response.ok, await response.text()).toBe(true);
  };
  await call("ensure-chat-context", {});
  await call("parlor-attach-chat-context", { room: /\/r\/([^/#]+)/.exec(ada.page.url())?.[1] });
  const line = "<title>Bell</title><h1>Ding</h1>";
  const block = { type: "block.code.line", blockId: "b1", streamId: "s1", blockNr: 0, seq: 0, lineNr: 0 };
  const code = { ...block, timestamp: "2026-01-01T00:00:01Z", lang: "html", line };
  await call("append-chat-section", { origin: "llm", blocks: [code] });
  await bob.region("Chat").getByRole("button", { name: "Open as app" }).click();
  for (const person of [ada, bob])
    await expect(frameIn(person.region("Bell")).getByRole("heading", { name: "Ding" })).toBeVisible({
      timeout: 30_000,
    });
  await expect(ada.region("Chat").getByRole("button", { name: "Show app" })).toBeVisible();
});

test("on a phone an app has its own tab and fills the screen", async ({ arrive, server, model }) => {
  const ada = await arrive("Ada", { width: 390, height: 844 });
  await ada.openRoom(server.url, "Phone");
  await answered(ada, model, fenced("html", "<title>Sign</title><h1>Hello</h1>"));
  await expect(ada.page.getByRole("tab", { name: "App" })).toHaveCount(0);
  await output(ada).getByRole("button", { name: "Open as app" }).click();
  await expect(ada.page.getByRole("tab", { name: "App", exact: true })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  const app = ada.region("Sign");
  await expect(frameIn(app).getByRole("heading", { name: "Hello" })).toBeVisible({ timeout: 30_000 });
  const [frame, screen] = await Promise.all([
    app.locator("iframe").boundingBox(),
    ada.page.locator(".phone").boundingBox(),
  ]);
  expect(frame?.width).toBe(screen?.width);
  expect(frame?.height).toBeGreaterThan((screen?.height ?? 0) * 0.6);
});
