import { describe, expect, it } from "vitest";
import { routeOf } from "./route";

describe("the route of an address", () => {
  it.each([
    ["/", "", { kind: "front" }],
    ["/r/abc", "#k=KEY", { kind: "room", slug: "abc", key: "KEY" }],
    ["/r/abc/", "", { kind: "room", slug: "abc", key: null }],
    ["/r/abc", "#k=<script>", { kind: "room", slug: "abc", key: null }],
    ["/r/a/b", "#k=KEY", { kind: "front" }],
  ])("%s%s is %o", (path, fragment, route) => {
    expect(routeOf(path, fragment)).toEqual(route);
  });
});
