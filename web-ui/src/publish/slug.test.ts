import { describe, expect, it } from "vitest";
import { slugOf, slugProblem, slugTyped } from "./slug";

describe("the rule of slugs", () => {
  it.each(["abc", "a1-b2", "a".repeat(30), "repair-sign-up"])("accepts %s", (text) => {
    expect(slugProblem(text)).toBeNull();
  });

  it.each([
    ["", "At least 3"],
    ["xn", "At least 3"],
    ["a".repeat(31), "At most 30"],
    ["Abc", "Only the letters"],
    ["caf\u00e9", "Only the letters"],
    ["a--b", "A dash"],
    ["-ab", "A dash"],
    ["ab-", "A dash"],
  ])("refuses “%s” with a sentence", (text, sentence) => {
    expect(slugProblem(text)).toContain(sentence);
  });
});

describe("a slug for a title", () => {
  it.each([
    ["Repair sign-up", "repair-sign-up"],
    ["  Caf\u00e9 M\u00fcller, 2nd try! ", "cafe-muller-2nd-try"],
    ["A counter with a very long name that does not fit", "a-counter-with-a-very-long"],
    ["W".repeat(40), "w".repeat(30)],
    ["\u65e5\u672c", "my-app"],
    ["a", "my-app"],
  ])("“%s” is %s", (title, slug) => {
    expect(slugOf(title)).toBe(slug);
    expect(slugProblem(slug)).toBeNull();
  });

  it("is typed with spaces and capitals, which become dashes and small letters", () => {
    expect(slugTyped("Repair  Sign_up")).toBe("repair-sign-up");
  });
});
