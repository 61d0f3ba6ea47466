import { describe, expect, it } from "vitest";
import { placeKey, placeOf, replaceKey } from "./place";

describe("places", () => {
  it.each([
    ["/", "", { kind: "front" }],
    ["/r/abc", "#k=KEY", { kind: "room", slug: "abc", key: "KEY" }],
    ["/r/abc/", "", { kind: "room", slug: "abc", key: null }],
    ["/r/abc", "#k=<script>", { kind: "room", slug: "abc", key: null }],
    ["/r/a/b", "#k=KEY", { kind: "front" }],
  ])("%s%s", (path, fragment, place) => {
    expect(placeOf(path, fragment)).toEqual(place);
  });
});

describe("the address of a room", () => {
  it("takes another key without a new start, until the person goes elsewhere", () => {
    window.history.replaceState(null, "", "/r/abc#k=HOST");
    const before = placeKey();
    const steps = window.history.length;
    replaceKey("abc", "PLAYER");
    expect(window.location.hash).toBe("#k=PLAYER");
    expect(window.history.length).toBe(steps);
    expect(placeKey()).toBe(before);
    replaceKey("abc", "NEXT");
    expect(placeKey()).toBe(before);

    // The first link again is a new arrival, although it has the name of before.
    window.history.replaceState(null, "", "/r/abc#k=HOST");
    const again = placeKey();
    expect(again).not.toBe(before);
    expect(placeKey()).toBe(again);
    window.history.replaceState(null, "", "/");
    expect(placeKey()).not.toBe(again);
  });
});
