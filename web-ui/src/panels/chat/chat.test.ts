import { describe, expect, it } from "vitest";
import type { ChatEntry } from "../../room/schema/read";
import { typingLine } from "./ChatPanel";
import { piecesOf } from "./links";
import { chunksFrom, earlier, firstAtEnd, firstShown } from "./shownMessages";
import { dayLabel, newDay, unreadFrom } from "./unread";

const entry = (id: string, by = "b", at = Date.now()): ChatEntry => ({
  id,
  by,
  at,
  kind: "say",
  text: id,
  replyTo: null,
});
const isOwn = (each: ChatEntry) => each.by === "me";

describe("unread messages", () => {
  const entries = [entry("1"), entry("2", "me"), entry("3"), entry("4")];
  it("start at the first message of another person after the last seen message", () => {
    expect(unreadFrom(entries, "1", isOwn)).toBe("3");
    expect(unreadFrom(entries, "4", isOwn)).toBeNull();
  });
  it("are none on a first visit, or when the last seen message is unknown", () => {
    expect(unreadFrom(entries, null, isOwn)).toBeNull();
    expect(unreadFrom(entries, "gone", isOwn)).toBeNull();
  });
});

describe("the heading of a day in the chat", () => {
  const now = new Date(2026, 5, 3, 12).getTime();
  const day = 86_400_000;
  it("is shown where the day changes, but not before a first message of today", () => {
    expect(newDay(undefined, entry("1"))).toBe(false);
    expect(newDay(undefined, entry("1", "b", Date.now() - 3 * day))).toBe(true);
    expect(newDay(entry("1", "b", now - day), entry("2", "b", now))).toBe(true);
    expect(newDay(entry("1", "b", now), entry("2", "b", now))).toBe(false);
  });
  it("is Today, Yesterday, or the date", () => {
    expect(dayLabel(now, now)).toBe("Today");
    expect(dayLabel(now - day, now)).toBe("Yesterday");
    expect(dayLabel(now - 9 * day, now)).toBe("Monday 25 May");
  });
});

describe("[U24] the line of people who are typing", () => {
  it.each([
    [[], ""],
    [["Quiet Heron"], "Heron is typing…"],
    [["Quiet Heron", "Blue Finch"], "Heron and Finch are typing…"],
    [["A", "B", "C"], "3 people are typing…"],
  ])("for %j is %j", (names, line) => expect(typingLine(names)).toBe(line));
});

describe("addresses in a message", () => {
  const links = (text: string) => piecesOf(text).flatMap(({ href }) => (href === null ? [] : [href]));
  it.each([
    ["see https://a.example/x?y=1#z.", ["https://a.example/x?y=1#z"]],
    ["(https://a.example/wiki/Foo_(bar))", ["https://a.example/wiki/Foo_(bar)"]],
    ["HTTP://a.example, https://b.example!", ["HTTP://a.example", "https://b.example"]],
    ["“https://a.example/”", ["https://a.example/"]],
    ["javascript:alert(1) data:text/html,x mailto:a@b.example a.example https://", []],
  ])("are links if they begin with http or https: %j", (text, expected) => {
    expect(links(text)).toEqual(expected);
  });
  it("leave the whole text of the message as it was written", () => {
    for (const text of ["", "no link", " https://a.example. And https://b.example…", "https://"])
      expect(
        piecesOf(text)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(text);
  });
});

describe("the rendered part of a long chat", () => {
  it("has at most three chunks at the end, and the same chunks until one is full", () => {
    expect([0, 1, 150, 151, 200, 201].map(firstAtEnd)).toEqual([0, 0, 0, 50, 50, 100]);
    expect(chunksFrom(50, 151)).toEqual([
      [50, 100],
      [100, 150],
      [150, 151],
    ]);
  });
  it("stays the same for a reader who has scrolled up while messages arrive, and shrinks at the end", () => {
    const reader = { count: 2_000, unread: -1 };
    const scrolledUp = earlier(earlier(firstAtEnd(2_000)));
    expect(firstShown(scrolledUp, { ...reader, atEnd: false })).toBe(scrolledUp);
    expect(firstShown(scrolledUp, { ...reader, count: 2_400, atEnd: false })).toBe(scrolledUp);
    expect(firstShown(scrolledUp, { ...reader, atEnd: true })).toBe(firstAtEnd(2_000));
    expect(firstShown(1_850, { ...reader, atEnd: true, unread: 777 })).toBe(750);
    expect(earlier(50)).toBe(0);
  });
});
