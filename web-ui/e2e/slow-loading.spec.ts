import { expect, test } from "./support/fixtures";
import { linkFor } from "./support/room-session";

test("the page asks for the name before the room's code is loaded, and if loading the code fails, offers to try again", async ({
  arrive,
  server,
}) => {
  const host = await arrive("Ada");
  await host.openRoom(server.url, "Slow line");
  const link = await linkFor(host, "player");

  const guest = await arrive("Bob");
  guest.ignoresNetworkErrors = true;
  const heldRequests: (() => void)[] = [];
  let hasFailed = false;
  await guest.page.route(/\/assets\/Entering-.*\.js$/, async (route) => {
    if (hasFailed) return route.continue();
    await new Promise<void>((resolve) => heldRequests.push(resolve));
    hasFailed = true;
    return route.abort();
  });
  await guest.page.goto(link);
  const field = guest.page.getByLabel("Your name in this room");
  await expect(field).toBeFocused();
  await field.fill("Bob");
  await field.press("Enter");
  await expect(guest.page.getByRole("status")).toHaveText("Opening the room…");
  expect(heldRequests).toHaveLength(1);
  for (const fail of heldRequests) fail();
  await expect(guest.page.getByText("Part of the page failed to load.")).toBeVisible();
  await guest.page.getByRole("button", { name: "Try again" }).click();
  await guest.awaitRoom();
  await expect(host.page.getByRole("button", { name: /^2 people here/ })).toBeVisible();
});

test("an answer is shown as its Markdown source while the code that renders Markdown cannot be loaded", async ({
  arrive,
  server,
  model,
}) => {
  model.answer = "A **bold** word\n\nand a second line.";
  const host = await arrive("Ada");
  host.ignoresNetworkErrors = true;
  let requests = 0;
  // The route is set for the whole profile, since the service worker fetches the file too.
  await host.context.route(/\/assets\/Markdown-.*\.js$/, (route) => {
    requests++;
    return route.abort();
  });
  await host.openRoom(server.url, "Plain");
  await expect.poll(() => requests).toBeGreaterThan(0);
  await host.page.getByRole("textbox", { name: "Query" }).fill("Say it");
  await host.page.getByRole("button", { name: "Generate", exact: true }).click();
  const answer = host.page.locator("[data-answer]");
  await expect(answer).toHaveAttribute("data-status", "done");
  await expect(answer).toHaveText(model.answer);

  await host.context.unroute(/\/assets\/Markdown-.*\.js$/);
  await host.page.reload();
  await host.awaitRoom();
  await expect(answer.locator("strong")).toHaveText("bold");
});
