import { describe, expect, it } from "vitest";
import type { Generation, Queued } from "../../room/schema/read";
import { pausedSeconds, placeText, type Viewer, waitingOf } from "./queue";

const queued = (request: string, by: string, state: Queued["state"] = "waiting"): Queued => ({
  request,
  by,
  at: 1,
  query: `Question ${request}`,
  cards: [],
  after: "",
  state,
  attach: [],
  chat: null,
});

const free: Generation = {
  epoch: 1,
  lock: null,
  grant: null,
  stop: null,
  grants: [],
  queue: [],
  paused: null,
};
const QUEUE = [
  queued("a1", "ada"),
  queued("b1", "ben"),
  queued("o1", "ben", "old"),
  queued("b2", "ben"),
  queued("c1", "cleo"),
];
const ben: Viewer = { identity: "ben", isHost: false, canEdit: true };
const host: Viewer = { identity: "ada", isHost: true, canEdit: true };
const spectator: Viewer = { identity: "eve", isHost: false, canEdit: false };

const byRequest = (viewer: Viewer) =>
  new Map(waitingOf({ ...free, queue: QUEUE }, [], viewer).map((each) => [each.request, each]));

describe("the queue that everybody sees", () => {
  it("counts the places of the waiting requests, without old requests", () => {
    expect([...byRequest(ben).values()].map(({ place }) => place)).toEqual([1, 2, null, 3, 4]);
    expect([1, 2, 6].map(placeText)).toEqual(["Next", "Second", "Number 6"]);
  });

  it("lets an author cancel only their own requests, a host all, and a spectator none", () => {
    const cancellable = (viewer: Viewer) =>
      [...byRequest(viewer).values()].filter(({ mayCancel }) => mayCancel).map(({ request }) => request);
    expect(cancellable(ben)).toEqual(["b1", "o1", "b2"]);
    expect(cancellable(host)).toEqual(["a1", "b1", "o1", "b2", "c1"]);
    expect(cancellable(spectator)).toEqual([]);
  });

  it("lets an author move their own request down, and up only past their own", () => {
    expect(byRequest(ben).get("b1")).toMatchObject({ up: undefined, down: "b2" });
    expect(byRequest(ben).get("b2")).toMatchObject({ up: "o1", down: null });
    expect(byRequest(ben).get("c1")).toMatchObject({ up: undefined, down: undefined });
  });

  it("lets a host move every waiting request by a step, and no old request", () => {
    expect(byRequest(host).get("a1")).toMatchObject({ up: undefined, down: "o1" });
    expect(byRequest(host).get("c1")).toMatchObject({ up: "b2", down: undefined });
    expect(byRequest(host).get("o1")).toMatchObject({ up: undefined, down: undefined });
  });

  it("ends with the request that the server has not taken yet", () => {
    const lock = { request: "n1", by: "ben", at: 1, query: "New", cards: [], seen: 1 };
    const shown = waitingOf({ ...free, queue: QUEUE, lock }, [], ben);
    expect(shown.at(-1)).toMatchObject({ request: "n1", state: "sending", place: null, mayCancel: false });
    const grants = [{ request: "n1", epoch: 1, at: 1, leaseUntil: 9 }];
    expect(waitingOf({ ...free, grants, lock }, [], ben)).toEqual([]);
  });
});

describe("the countdown of a paused queue", () => {
  const paused = { by: "ada", at: 1_000, until: 61_000 };
  it("runs while requests wait, and never shows more than a minute", () => {
    expect(pausedSeconds({ ...free, paused, queue: QUEUE }, 18_500)).toBe(43);
    expect(pausedSeconds({ ...free, paused, queue: QUEUE }, -999_999)).toBe(60);
    expect(pausedSeconds({ ...free, paused, queue: QUEUE }, 61_000)).toBeNull();
    expect(pausedSeconds({ ...free, paused, queue: [queued("o1", "ben", "old")] }, 18_500)).toBeNull();
    expect(pausedSeconds({ ...free, queue: QUEUE }, 18_500)).toBeNull();
  });
});
