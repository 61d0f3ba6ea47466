import { describe, expect, it } from "vitest";
import type { Person } from "../../room";
import { canFollow, placeOf } from "./follow";

const windows = [
  { id: "w1", type: "output", ref: null },
  { id: "w2", type: "chat", ref: null },
  { id: "w3", type: "note", ref: "n" },
  { id: "w4", type: "stack", ref: null },
  { id: "w5", type: "pattern", ref: null },
] as const;

describe("[U22] the place that a follower shows", () => {
  it.each([
    ["w1", "r", "result:r"],
    ["w1", null, "result:"],
    ["hand", "r", "result:r"],
    ["w2", "r", "chat:"],
    ["w3", null, "note:n"],
    ["w4", null, "card:"],
    ["w5", null, null],
    ["gone", null, null],
    [null, "r", null],
  ])("for a leader at %j who reads %j is %j", (where, reading, place) => {
    expect(placeOf({ where, reading }, windows)).toBe(place);
  });
});

describe("[U22] a person", () => {
  const bob = { isMe: false, status: "online", followable: true } as Person;
  it("can be followed unless they are this person, not here, removed, or do not want it", () => {
    expect(canFollow(bob)).toBe(true);
    expect(canFollow({ ...bob, isMe: true })).toBe(false);
    expect(canFollow({ ...bob, status: "offline" })).toBe(false);
    expect(canFollow({ ...bob, removed: true })).toBe(false);
    expect(canFollow({ ...bob, followable: false })).toBe(false);
  });
});
