import { describe, expect, it } from "vitest";
import { placeOf } from "./place";

describe("the place for an address", () => {
  it.each([
    ["/", "", { kind: "front" }],
    ["/r/abc", "#k=KEY", { kind: "room", slug: "abc", key: "KEY" }],
    ["/r/abc/", "", { kind: "room", slug: "abc", key: null }],
    ["/r/abc", "#k=<script>", { kind: "room", slug: "abc", key: null }],
    ["/r/a/b", "#k=KEY", { kind: "front" }],
  ])("%s%s is %o", (path, fragment, place) => {
    expect(placeOf(path, fragment)).toEqual(place);
  });
});
