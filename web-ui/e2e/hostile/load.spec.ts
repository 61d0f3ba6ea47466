import { chromium } from "@playwright/test";
import { BROWSER } from "../support/browser";
import { expect, test } from "../support/fixtures";
import { Person } from "../support/person";
import { linkFor, roomSession } from "../support/room-session";
import { ForeignListener } from "./listener";
import { DRAWING, GUARDED, HEAP, KEYLOGGER, LOADS, loadPage, MEMORY, WORKERS } from "./load";
import {
  closeApps,
  expectRoomWorks,
  openApps,
  pageState,
  resultsOf,
  Witness,
  watchErrors,
  windowOf,
} from "./room";

const html = (code: string) => ({ language: "html", code });

test("apps in endless loops, a drawing with scripts, a key logger, a flood of workers and an app of 1 GiB leave the room working, and loops can be stopped", {
  tag: "@long",
}, async ({ arrive, server, model }) => {
  test.setTimeout(120_000);
  const listener = await ForeignListener.start();
  await listener.prove();
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  ada.page.setDefaultTimeout(20_000);
  // Errors of apps; the room's own errors are in the state of the page.
  ada.page.on("console", () => ada.errors.splice(0));
  ada.page.on("pageerror", () => ada.errors.splice(0));
  await ada.openRoom(server.url, "Loops");
  const witness = await Witness.join(await linkFor(ada, "player"));
  await watchErrors(ada.page);
  const before = await pageState(ada.page);

  await openApps(
    ada,
    model,
    LOADS.map((load) => html(loadPage(load))),
  );
  for (const { name } of LOADS) await expect(windowOf(ada, name)).toContainText("The app is not responding.");
  await expectRoomWorks(ada, witness);
  for (const { name } of LOADS) {
    await windowOf(ada, name).getByRole("button", { name: "Stop" }).dispatchEvent("click");
    await expect(windowOf(ada, name)).toContainText("The app is stopped on this screen.");
  }
  expect(await pageState(ada.page)).toEqual(before);
  await closeApps(ada);

  const drawing = { language: "svg", code: DRAWING(`${listener.url}/drawing`) };
  await openApps(ada, model, [html(KEYLOGGER), drawing]);
  // An app may take the focus of a person who does nothing, so the person goes on until the app is stopped.
  await expect(async () => {
    await ada.note().focus();
    await expect(windowOf(ada, "keylogger")).toContainText(
      "The app took the keyboard while you used the room",
      {
        timeout: 500,
      },
    );
  }).toPass({ timeout: 30_000 });
  const words = await ada.noteText();
  await ada.page.keyboard.type("secret");
  await expect.poll(() => ada.noteText()).toHaveLength(words.length + "secret".length);
  await expect(windowOf(ada, "drawing").frameLocator("iframe").locator("circle")).toBeAttached();
  await expectRoomWorks(ada, witness);
  expect(await pageState(ada.page)).toEqual(before);
  await closeApps(ada);
  expect(listener.paths()).toEqual([]);
  expect(listener.connections).toBe(0);
  await listener.stop();

  await openApps(ada, model, [html(WORKERS)]);
  expect(await resultsOf(windowOf(ada, "workers").frameLocator("iframe"), "workers")).toEqual({
    started: 16,
    errors: ["An app may run at most 16 workers."],
    afterEnd: 2,
  });
  await expectRoomWorks(ada, witness);
  expect(await pageState(ada.page)).toEqual(before);
  await closeApps(ada);

  // The browser may end the frame's process. Then Playwright takes the whole page for crashed, so this app is the last.
  await openApps(ada, model, [html(MEMORY)]);
  await resultsOf(windowOf(ada, "memory").frameLocator("iframe"), "memory");
  await expectRoomWorks(ada, witness);
  expect(await pageState(ada.page)).toEqual(before);
  ada.errors.splice(0);
});

test("where a browser does not reach the host of a preview, the app runs on the server's host with loop guards, and a loop without a guard can be stopped", {
  tag: "@long",
}, async ({ arrive, server, model }) => {
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  ada.page.setDefaultTimeout(20_000);
  ada.page.on("pageerror", () => ada.errors.splice(0));
  await ada.context.route(/\/\/run-/, (route) => route.abort("namenotresolved"));
  await ada.openRoom(server.url, "No hosts");
  const witness = await Witness.join(await linkFor(ada, "player"));
  // All frames on the server's host share a process, so the loop without a guard comes after the others.
  const isGuarded = ({ name }: { readonly name: string }): boolean => GUARDED.includes(name);
  const open = (loads: typeof LOADS) =>
    openApps(
      ada,
      model,
      loads.map((load) => html(loadPage(load))),
    );
  await open(LOADS.filter(isGuarded));
  for (const name of GUARDED) {
    await expect(windowOf(ada, name)).toContainText("longer than 3 s", { timeout: 30_000 });
    await expect(windowOf(ada, name).locator("iframe")).toHaveAttribute("src", "/~run/");
  }
  await closeApps(ada);
  await open(LOADS.filter((load) => !isGuarded(load)));
  const slow = windowOf(ada, "slow-expression");
  await expect(slow).toContainText("The app is not responding.", { timeout: 30_000 });
  await expectRoomWorks(ada, witness);
  await slow.getByRole("button", { name: "Stop" }).dispatchEvent("click");
  await expect(slow).toContainText("The app is stopped on this screen.");
  ada.errors.splice(0);
});

test("an app that exhausts the heap of JavaScript ends its own process only, and the room tells it and keeps working", {
  tag: "@long",
}, async ({ server, model }) => {
  model.reset();
  // A small heap, so that the test takes neither the machine's memory nor much time.
  const args = [...BROWSER.args, "--js-flags=--max-old-space-size=160"];
  const browser = await chromium.launch({ ...BROWSER, args });
  const ada = await Person.arrive("Ada", browser);
  await ada.openRoom(server.url, "Heap");
  const witness = await Witness.join(await linkFor(ada, "player"));
  // Playwright takes the page for crashed when a frame's process ends. So the page itself tells what it shows.
  await (await roomSession(ada.page)).evaluate((room) => {
    setInterval(() => {
      const texts = [...document.querySelectorAll(".app, .chat-text, [aria-label=Chat]")].map(
        (part) => part.textContent,
      );
      const seen = ["The app is not responding.", "are you there"].filter((words) =>
        texts.some((text) => text?.includes(words)),
      );
      room.change((doc) => {
        const told = `seen: ${seen.join(" + ")}`;
        if (doc.title !== told) doc.title = told;
      });
    }, 200);
  });
  const ended = new Promise((resolve) => ada.page.on("crash", resolve));
  await openApps(ada, model, [html(HEAP)]);
  await ended;
  await witness.say("are you there");
  await expect
    .poll(() => witness.seen(), { timeout: 30_000 })
    .toContain("seen: The app is not responding. + are you there");
  await browser.close();
});
