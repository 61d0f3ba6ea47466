import { expect, test } from "vitest";
import { Later } from "./later";

test("what is fetched later is fetched once, and its users are told when it has come", async () => {
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

test("what could not be fetched says so, and comes when it is asked for again", async () => {
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
