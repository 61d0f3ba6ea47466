import { expect, test } from "vitest";
import { Later } from "./later";

test("lazy code is fetched once, and its users are notified when it has loaded", async () => {
  let fetches = 0;
  const states: unknown[] = [];
  const later = new Later(async () => `number ${++fetches}`);
  later.subscribe(() => states.push(later.get()));
  later.load();
  later.load();
  await expect.poll(later.get).toBe("number 1");
  later.load();
  expect(states).toEqual(["coming", "number 1"]);
  expect(fetches).toBe(1);
});

test("a failed fetch is reported, and the next request fetches again", async () => {
  let online = false;
  const later = new Later(() => (online ? Promise.resolve("here") : Promise.reject(new Error("offline"))));
  const told: unknown[] = [];
  const stop = later.subscribe(() => told.push(later.get()));
  later.load();
  await expect.poll(later.get).toBe("failed");
  online = true;
  later.load();
  await expect.poll(later.get).toBe("here");
  expect(told).toEqual(["coming", "failed", "coming", "here"]);
  stop();
});
