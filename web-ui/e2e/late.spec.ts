import { expect, test } from "./support/fixtures";
import { linkFor } from "./support/inside";

test("the page asks for the name before the room's code has loaded; if the code fails to load, the page says so and offers to load it again", async ({
  arrive,
  server,
}) => {
  const host = await arrive("Ada");
  await host.openRoom(server.url, "Slow line");
  const link = await linkFor(host, "player");

  const guest = await arrive("Bob");
  guest.forgivesNetwork = true;
  const held: (() => void)[] = [];
  let lost = false;
  await guest.page.route(/\/assets\/Entering-.*\.js$/, async (route) => {
    if (lost) return route.continue();
    await new Promise<void>((resolve) => held.push(resolve));
    lost = true;
    return route.abort();
  });
  await guest.page.goto(link);
  const field = guest.page.getByLabel("Your name in this room");
  await expect(field).toBeFocused();
  await field.fill("Bob");
  await field.press("Enter");
  await expect(guest.page.getByRole("status")).toHaveText("Opening the room…");
  expect(held).toHaveLength(1);
  for (const go of held) go();
  await expect(guest.page.getByText("Part of the page failed to load.")).toBeVisible();
  await guest.page.getByRole("button", { name: "Try again" }).click();
  await guest.inside();
  await expect(host.page.getByRole("button", { name: /^2 people here/ })).toBeVisible();
});

test("an answer is shown as plain source while the code that renders it is missing", async ({
  arrive,
  server,
  model,
}) => {
  model.answer = "A **bold** word\n\nand a second line.";
  const host = await arrive("Ada");
  host.forgivesNetwork = true;
  let asked = 0;
  // The block covers the whole profile, since the service worker fetches the file too.
  await host.context.route(/\/assets\/Markdown-.*\.js$/, (route) => {
    asked++;
    return route.abort();
  });
  await host.openRoom(server.url, "Plain");
  await expect.poll(() => asked).toBeGreaterThan(0);
  await host.page.getByRole("textbox", { name: "Query" }).fill("Say it");
  await host.page.getByRole("button", { name: "Generate" }).click();
  const answer = host.page.locator("[data-answer]");
  await expect(answer).toHaveAttribute("data-status", "done");
  await expect(answer).toHaveText(model.answer);

  await host.context.unroute(/\/assets\/Markdown-.*\.js$/);
  await host.page.reload();
  await host.inside();
  await expect(answer.locator("strong")).toHaveText("bold");
});
