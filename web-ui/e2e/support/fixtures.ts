import { test as base, expect } from "@playwright/test";
import { StubModel } from "./model";
import { Person, type PersonOptions } from "./person";
import { ParlorServer, type Serving } from "./server";

interface PerTest {
  /**
   * Whether each person has a separate Chromium process with a profile on disk. Otherwise all people share one process.
   */
  readonly ownChromium: boolean;
  /** Adds a person with a separate browser profile, which is closed at the end of the test. */
  readonly arrive: (name: string, options?: PersonOptions) => Promise<Person>;
}

interface PerWorker {
  readonly serving: Serving;
  readonly model: StubModel;
  readonly server: ParlorServer;
}

export const test = base.extend<PerTest, PerWorker>({
  model: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a destructuring pattern here
    async ({}, use) => {
      const model = await StubModel.start();
      await use(model);
      await model.stop();
    },
    { scope: "worker" },
  ],
  serving: ["default", { option: true, scope: "worker" }],
  server: [
    async ({ model, serving }, use) => {
      const server = await ParlorServer.start(model.url, serving);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  ownChromium: [false, { option: true }],
  arrive: async ({ model, browser, ownChromium }, use) => {
    model.reset();
    const people: Person[] = [];
    await use(async (name, options) => {
      const person = await Person.arrive(name, ownChromium ? null : browser, options);
      people.push(person);
      return person;
    });
    for (const person of people) {
      await person.leave();
      expect(person.errors, `errors in ${person.name}'s page`).toEqual([]);
      expect(person.foreignRequests, `requests of ${person.name}'s page to other hosts`).toEqual([]);
    }
  },
});

export { expect };
