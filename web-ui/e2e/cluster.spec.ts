import { type Browser, expect, test } from "@playwright/test";
import { Cluster } from "./support/cluster";
import { StubModel } from "./support/model";
import { Person } from "./support/person";
import { roomSession } from "./support/room-session";

const ANSWER = "A long answer that streams to two people on two nodes while one of the nodes ends.";

/** The number of connections of each node. */
function connections(cluster: Cluster): Promise<number[]> {
  return Promise.all(
    cluster.nodes.map(async (node) => {
      const metrics = await (await fetch(`${node.url}/metrics`)).text();
      return Number(/^parlor_connections (\S+)$/m.exec(metrics)?.[1] ?? 0);
    }),
  );
}

/** Whether two people have a connection each, to different nodes. */
async function areOnTwoNodes(cluster: Cluster): Promise<boolean> {
  const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);
  await expect.poll(async () => total(await connections(cluster)), { timeout: 20_000 }).toBe(2);
  return (await connections(cluster)).filter((count) => count === 1).length === 2;
}

test.describe.configure({ mode: "serial" });

let models: StubModel[] = [];
let cluster: Cluster;
let people: Person[] = [];

test.beforeAll(async () => {
  test.setTimeout(90_000); // seven servers start
  // A model for each node shows which node asks.
  models = await Promise.all([0, 1, 2].map(() => StubModel.start()));
  cluster = await Cluster.start(models.map((model) => model.url));
});

test.afterEach(async () => {
  for (const person of people) await person.leave();
  people = [];
});

test.afterAll(async () => {
  await cluster?.stop();
  for (const model of models) await model.stop();
});

async function arrive(name: string, browser: Browser): Promise<Person> {
  const person = await Person.arrive(name, browser);
  person.ignoresNetworkErrors = true;
  people.push(person);
  return person;
}

test("two people on different nodes see each other's cards and a streaming answer, and both see its end when its node is killed", async ({
  browser,
}) => {
  test.setTimeout(150_000); // a lease of 10 s ends
  const ada = await arrive("Ada", browser);
  const bob = await arrive("Bob", browser);
  // The proxy gives each new connection to the next node, also requests, so both may have come to one node.
  const link = await ada.openRoom(cluster.url, "Two nodes");
  await bob.follow(link);
  await ada.awaitSaved();
  for (let attempt = 0; attempt < 10 && !(await areOnTwoNodes(cluster)); attempt++) {
    await bob.page.reload();
    await bob.awaitRoom();
    await bob.awaitSaved();
  }
  expect(await areOnTwoNodes(cluster)).toBe(true);

  const cards = (await ada.stack()).length;
  await ada.page.locator(".hand-card").first().click();
  await expect.poll(async () => (await bob.stack()).length, { timeout: 20_000 }).toBe(cards + 1);
  await bob.page.locator(".hand-card").nth(1).click();
  await expect.poll(async () => (await ada.stack()).length, { timeout: 20_000 }).toBe(cards + 2);
  expect(await bob.stack()).toEqual(await ada.stack());

  for (const model of models) {
    model.answer = ANSWER;
    model.pauseAt = 24;
  }
  await bob.page.getByRole("textbox", { name: "Query" }).fill("What now?");
  await bob.page.getByRole("button", { name: "Generate", exact: true }).click();
  const answer = (person: Person) => person.region("Output").getByRole("article").last();
  for (const person of people)
    await expect(answer(person)).toContainText("A long answer that", { timeout: 20_000 });

  // The text so far survives its node if it is in the document; what people see before is on its way.
  const room = await roomSession(ada.page);
  await expect
    .poll(() => room.evaluate((session) => JSON.stringify(session.handle.doc())), { timeout: 20_000 })
    .toContain("A long answer that");

  const caller = models.findIndex((model) => model.calls.length > 0);
  await cluster.nodes[caller]?.down();
  for (const person of people)
    await expect(answer(person)).toHaveAttribute("data-status", "interrupted", { timeout: 40_000 });
  for (const person of people) await expect(answer(person)).toContainText("A long answer that");
  expect(models.map((model) => model.calls.length).reduce((sum, calls) => sum + calls)).toBe(1);
  for (const person of people) await person.awaitSaved();
  await cluster.nodes[caller]?.up();
});

test("while most servers of NATS are away, the pill and a banner tell an author that changes are not saved; they are saved when the servers are back", async ({
  browser,
}) => {
  test.setTimeout(150_000);
  const ada = await arrive("Ada", browser);
  await ada.openRoom(cluster.url, "Storage away");
  await ada.awaitSaved();
  cluster.pauseServers(2);
  await ada.page.locator(".hand-card").first().click();
  const banner = ada.page.locator(".refused");
  await expect(banner).toContainText("The server cannot write to its storage, so ", { timeout: 60_000 });
  await expect(ada.state).toHaveText("Not saved on the server");
  await expect(banner.getByRole("button", { name: "Download a copy" })).toBeVisible();
  cluster.resumeServers();
  await expect(banner).toBeHidden({ timeout: 60_000 });
  await ada.awaitSaved();
});
