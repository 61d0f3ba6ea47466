import { expect, it } from "vitest";
import { Absence, GRACE_MS } from "./absence";

const ada = (status: "online" | "offline") => [{ id: "ada", status }];

it("a person whose page is gone keeps the turn for the grace time, and a reload keeps it", () => {
  const absence = new Absence();
  absence.update(ada("online"), 0);
  const gone = absence.update(ada("offline"), 1_000);
  expect([...gone.absent]).toEqual([]);
  expect(gone.nextAt).toBe(1_000 + GRACE_MS);
  expect([...absence.update(ada("offline"), 999 + GRACE_MS).absent]).toEqual([]);
  absence.update(ada("online"), 4_000);
  expect([...absence.update(ada("offline"), 5_000).absent]).toEqual([]);
  const late = absence.update(ada("offline"), 5_000 + GRACE_MS);
  expect([...late.absent]).toEqual(["ada"]);
  expect(late.nextAt).toBeNull();
});

it("a person who is offline when the page opens has no turn", () => {
  expect([...new Absence().update(ada("offline"), 1_000).absent]).toEqual(["ada"]);
});
