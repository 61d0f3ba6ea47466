import { describe, expect, it } from "vitest";
import { answerOf, linkToAnswer, roomPath, routeOf } from "./route";

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

  it("names an answer beside the room's key, and an answer with other characters is ignored", () => {
    const path = linkToAnswer(roomPath("abc", "KEY"), "01a2-b3");
    expect(path).toBe("/r/abc#k=KEY&a=01a2-b3");
    const fragment = path.slice(path.indexOf("#"));
    expect(routeOf("/r/abc", fragment)).toEqual({ kind: "room", slug: "abc", key: "KEY" });
    expect(answerOf(fragment)).toBe("01a2-b3");
    expect(answerOf("#k=KEY")).toBeNull();
    expect(answerOf("#k=KEY&a=<b>")).toBeNull();
  });
});
