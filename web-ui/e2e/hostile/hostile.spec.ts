import { expect, test } from "../support/fixtures";
import { linkFor } from "../support/room-session";
import { pageOf, type Surroundings } from "./app";
import { ForeignListener } from "./listener";
import { NETWORK_APPS } from "./network";
import { PAGE_APPS } from "./page";
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

const APPS = [...NETWORK_APPS, ...PAGE_APPS];
/** The apps that run at the same time. */
const TOGETHER = 8;
/** The dialogs that one app may show in ten seconds; one app of the suite tries. */
const DIALOGS_MAX = 3;

test("hostile apps in the app windows of a room send nothing to a foreign host and change nothing of the room", async ({
  arrive,
  server,
  model,
}) => {
  test.setTimeout(150_000);
  const listener = await ForeignListener.start();
  await listener.prove();
  const ada = await arrive("Ada");
  ada.ignoresNetworkErrors = true;
  ada.page.setDefaultTimeout(15_000);
  // Errors of apps; the room's own errors are in the state of the page.
  ada.page.on("console", () => ada.errors.splice(0));
  ada.page.on("pageerror", () => ada.errors.splice(0));
  await ada.openRoom(server.url, "Hostile");
  const witness = await Witness.join(await linkFor(ada, "player"));
  let dialogs = 0;
  const popups: string[] = [];
  ada.page.on("dialog", (dialog) => {
    dialogs += 1;
    void dialog.dismiss().catch(() => undefined);
  });
  ada.context.on("page", (page) => popups.push(page.url()));
  const surroundings: Surroundings = { listener, server: server.url, room: new URL(ada.page.url()).pathname };
  await expectRoomWorks(ada, witness);
  await watchErrors(ada.page);
  const before = await pageState(ada.page);
  const chosen = process.env.ONLY
    ? APPS.filter((app) => process.env.ONLY?.split(",").includes(app.name))
    : APPS;
  for (let at = 0; at < chosen.length; at += TOGETHER) {
    const batch = chosen.slice(at, at + TOGETHER);
    await openApps(
      ada,
      model,
      batch.map((app) => ({ language: "html", code: pageOf(app, surroundings) })),
    );
    for (const app of batch) {
      const window = windowOf(ada, app.name);
      if (app.leaves) await expect.soft(window, app.name).toContainText(app.leaves);
      else
        expect
          .soft(await resultsOf(window.frameLocator("iframe"), app.name), app.name)
          .toMatchObject(app.preview ?? {});
    }
    await expectRoomWorks(ada, witness);
    expect.soft(await pageState(ada.page), batch.map(({ name }) => name).join()).toEqual(before);
    await closeApps(ada);
  }
  expect(dialogs).toBeLessThanOrEqual(DIALOGS_MAX);
  expect(popups).toEqual([]);
  expect(await ada.context.cookies()).toEqual([]);
  expect(listener.paths()).toEqual([]);
  expect(listener.connections).toBe(0);
  expect(listener.packets).toBe(0);
  await listener.stop();
  ada.errors.splice(0);
});
