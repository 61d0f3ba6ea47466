import { expect, test } from "vitest";
import { LazyCode } from "./lazyCode";

test("lazy code is fetched once, and listeners are notified when it has loaded", async () => {
  let fetchCount = 0;
  const states: unknown[] = [];
  const later = new LazyCode(async () => `number ${++fetchCount}`);
  later.subscribe(() => states.push(later.get()));
  later.load();
  later.load();
  await expect.poll(later.get).toBe("number 1");
  later.load();
  expect(states).toEqual(["loading", "number 1"]);
  expect(fetchCount).toBe(1);
});

test("after a failed fetch the state is failed, and the next load fetches again", async () => {
  let online = false;
  const later = new LazyCode(() => (online ? Promise.resolve("here") : Promise.reject(new Error("offline"))));
  const states: unknown[] = [];
  const stop = later.subscribe(() => states.push(later.get()));
  later.load();
  await expect.poll(later.get).toBe("failed");
  online = true;
  later.load();
  await expect.poll(later.get).toBe("here");
  expect(states).toEqual(["loading", "failed", "loading", "here"]);
  stop();
});
