import { describe, expect, it } from "vitest";
import { CARD_TEXT_MAX, checkCard, kindOf, parseTokenLimit, TOKENS_MAX } from "./cards";
import { isSendKey } from "./enter";
import { duration, elapsed, timeOfDay } from "./time";
import { isNearEnd, NEAR_END_PX } from "./useStickyScroll";

describe("cards", () => {
  it.each([
    ["50 tokens", 50],
    ["50", 50],
    [" 1 token ", 1],
    ["50TOKENS", 50],
  ])("%j is a token limit of %i", (text, tokens) => expect(parseTokenLimit(text)).toBe(tokens));

  it.each(["-5", "1e9", "abc", "", "5.5", "0x10", "50 words", "٥٠"])("%j is not a token limit", (text) => {
    expect(parseTokenLimit(text)).toBeNull();
    expect(checkCard("token-limit", text).ok).toBe(false);
  });

  it("token limits go from 1 to the maximum", () => {
    expect(checkCard("token-limit", "0").ok).toBe(false);
    expect(checkCard("token-limit", String(TOKENS_MAX + 1)).ok).toBe(false);
    expect(checkCard("token-limit", String(TOKENS_MAX))).toEqual({ ok: true, text: `${TOKENS_MAX} tokens` });
    expect(checkCard("token-limit", "1")).toEqual({ ok: true, text: "1 token" });
  });

  it("the text of a card is trimmed, must not be empty, and has a maximum length", () => {
    expect(checkCard("custom", "  words \n")).toEqual({ ok: true, text: "words" });
    expect(checkCard("role", " \n ").ok).toBe(false);
    expect(checkCard("custom", "x".repeat(CARD_TEXT_MAX)).ok).toBe(true);
    expect(checkCard("custom", "x".repeat(CARD_TEXT_MAX + 3))).toEqual({
      ok: false,
      problem: "A card holds 4,000 characters. This one has 3 too many.",
    });
  });

  it("an unknown type is shown as a custom card, even if it is named like an object's built-in property", () => {
    expect(kindOf("nonsense")).toBe(kindOf("custom"));
    expect(kindOf("constructor")).toBe(kindOf("custom"));
  });
});

describe("the Enter key", () => {
  const enter = { key: "Enter", shiftKey: false, altKey: false, isComposing: false, keyCode: 13 };
  it("[U12] sends when pressed alone", () => expect(isSendKey(enter)).toBe(true));
  it.each([
    ["Shift+Enter", { shiftKey: true }],
    ["Alt+Enter", { altKey: true }],
    ["Enter inside a composition", { isComposing: true }],
    ["Enter that ends a composition, in browsers that report it only as key code 229", { keyCode: 229 }],
    ["another key", { key: "a" }],
  ])("[U12] does not send: %s", (_, change) => expect(isSendKey({ ...enter, ...change })).toBe(false));
});

describe("times", () => {
  it("an elapsed time is in minutes and seconds, and never below zero", () => {
    expect(elapsed(-4000)).toBe("0:00");
    expect(elapsed(6_900)).toBe("0:06");
    expect(elapsed(61_000)).toBe("1:01");
    expect(elapsed(3_723_000)).toBe("1:02:03");
  });
  it("a duration has a unit, and a clock time has two digits for hours and minutes", () => {
    expect(duration(840)).toBe("840 ms");
    expect(duration(12_340)).toBe("12.3 s");
    expect(duration(125_000)).toBe("2:05 min");
    expect(timeOfDay(new Date(2026, 0, 2, 4, 5).getTime())).toBe("04:05");
  });
});

describe("the end of a scroll container", () => {
  it("[U11] a position within the threshold counts as the end", () => {
    const box = { scrollHeight: 1000, clientHeight: 300 };
    expect(isNearEnd({ ...box, scrollTop: 700 })).toBe(true);
    expect(isNearEnd({ ...box, scrollTop: 700 - NEAR_END_PX })).toBe(true);
    expect(isNearEnd({ ...box, scrollTop: 699 - NEAR_END_PX })).toBe(false);
  });
});
