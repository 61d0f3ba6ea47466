import { expect, test } from "vitest";
import { readBase, withBase, withoutBase } from "./base";

test("the base path comes from the HTML; without an element, and at the root, it is empty", () => {
  expect(readBase({ content: "/parlor/" })).toBe("/parlor");
  expect(readBase({ content: "/" })).toBe("");
  expect(readBase(null)).toBe("");
});

test("a path gets the base path, and a path below the base path loses it again", () => {
  expect(withBase("/r/x", "/parlor")).toBe("/parlor/r/x");
  expect(withoutBase("/parlor/r/x", "/parlor")).toBe("/r/x");
  expect(withoutBase("/parlor", "/parlor")).toBe("/");
  expect(withoutBase("/parlors/r/x", "/parlor")).toBe("/parlors/r/x");
  expect(withoutBase("/r/x", "")).toBe("/r/x");
  expect(withoutBase("/", "")).toBe("/");
});
