import { describe, expect, it } from "vitest";
import type { Generation, Lock, Result } from "../../room/schema/read";
import { runningOf } from "../output/running";
import { limitLine } from "./PreviewButton";
import { readProblems } from "./problems";
import {
  EMPTY_QUERY,
  type GenerateConditions,
  generateBlockedReason,
  limitOf,
  limitText,
  refusalText,
  trimmedQuery,
} from "./state";

const lock: Lock = { request: "r1", by: "a", at: 5, query: "q", cards: ["x", "y"], seen: 0 };
const idle: Generation = { epoch: 0, lock: null, grant: null, stop: null };
const grant = { request: "r1", epoch: 1, at: 7, leaseUntil: 99 };
const result = (part: Partial<Result>): Result => ({
  request: "r1",
  by: "a",
  query: "q",
  prompt: "",
  model: "m",
  cards: ["x", "y", "z"],
  text: "",
  status: "running",
  reason: null,
  usage: null,
  epoch: 1,
  startedAt: 8,
  endedAt: null,
  ttftMs: null,
  totalMs: null,
  ...part,
});

describe("the running generation", () => {
  it("is null in a room without a request", () => expect(runningOf(idle, [])).toBeNull());

  it("is the lock's request, and is granted after the server's grant", () => {
    expect(runningOf({ ...idle, lock }, [])).toMatchObject({
      request: "r1",
      by: "a",
      cards: 2,
      granted: false,
    });
    expect(runningOf({ ...idle, lock, grant }, [result({})])).toMatchObject({
      cards: 3,
      startedAt: 8,
      granted: true,
    });
  });

  it("is the granted request even if the lock names another request", () => {
    const other = { ...lock, request: "r2", by: "b" };
    expect(runningOf({ ...idle, lock: other, grant }, [result({})])).toMatchObject({
      request: "r1",
      by: "a",
    });
  });

  it("is null if the lock's request has ended", () => {
    expect(runningOf({ ...idle, lock }, [result({ status: "refused" })])).toBeNull();
    expect(runningOf({ ...idle, lock, grant }, [result({ status: "done" })])).toBeNull();
  });

  it("is stopping only if the stop request names it", () => {
    const stop = (request: string) => ({ request, by: "b", at: 9 });
    expect(runningOf({ ...idle, lock, grant, stop: stop("r1") }, [])?.stopping).toBe(true);
    expect(runningOf({ ...idle, lock, grant, stop: stop("r0") }, [])?.stopping).toBe(false);
  });
});

describe("the reason why Generate is blocked", () => {
  const free: GenerateConditions = {
    role: "player",
    online: true,
    refused: false,
    query: "write",
    queryMax: 20,
  };
  it.each<[string | null, Partial<GenerateConditions>]>([
    [null, {}],
    [EMPTY_QUERY, { query: " \n" }],
    ["You're a spectator. Ask a host to let you play.", { role: "spectator", online: false }],
    [
      "The server takes no questions from you now. The message at the top says why.",
      { online: false, refused: true },
    ],
    ["Offline: generating needs the server. Your question stays here.", { online: false }],
    ["Questions can have up to 20 characters. This one is too long.", { query: "x".repeat(21) }],
  ])("is %j", (reason, part) => expect(generateBlockedReason({ ...free, ...part })).toBe(reason));
});

describe("a refused request", () => {
  const nameOf = (request: string) => (request === "r9" ? "Blue Finch" : null);
  it.each([
    ["lost-to r9", "Blue Finch was first, so yours did not run. Try again when it is done."],
    [
      "lost-to r8",
      "Another request reached the server first, so yours did not run. Try again when it is done.",
    ],
    ["invalid: query is empty", "The request could not run: query is empty. Change it and try again."],
    ["cancelled r9", "Blue Finch cancelled your question."],
    ["cancelled r8", "Your question was cancelled."],
    ["expired", "Your question from offline was not confirmed within a day, so it did not run."],
    ["something new", "The server refused this request: something new."],
    [null, "The server refused this request. Try again."],
  ])("with the reason %j is explained", (reason, text) => expect(refusalText(reason, nameOf)).toBe(text));

  it.each(["stale", "not-allowed", "busy"])("with the reason %j has two sentences of its own", (reason) => {
    const text = refusalText(reason, nameOf);
    expect(text).not.toContain("refused this request");
    expect(text.split(". ").length).toBeGreaterThan(1);
  });
});

describe("the problems of a preview", () => {
  it("are read with card and sentence, without malformed problems", () => {
    expect(
      readProblems([
        { path: "cards/c1/text", message: "is empty" },
        { path: "query", message: "is long" },
        "plain",
        5,
        null,
        {},
      ]),
    ).toEqual([
      { card: "c1", message: "is empty" },
      { card: null, message: "is long" },
      { card: null, message: "plain" },
    ]);
  });
});

describe("the message for a person over the rate limit", () => {
  it("names the limit and counts down by the server's clock", () => {
    const reason = "too-many 60000 10";
    const at = (now: number) => {
      const limit = limitOf(reason, now);
      return limit === null ? null : limitText(limit);
    };
    expect(at(37_001)).toEqual({ text: "10 questions a minute.", countdown: "Try again in 23 s." });
    expect(at(59_999)).toEqual({ text: "10 questions a minute.", countdown: "Try again in 1 s." });
    expect(at(60_000)).toEqual({ text: "10 questions a minute. You can ask again now." });
    expect(at(-900_000)?.countdown).toBe("Try again in 60 s.");
    expect(limitText({ most: 1, of: "person", seconds: 2 }).text).toBe("1 question a minute.");
  });

  it.each([
    ["too-many 60000 60 room", "60 questions a minute in this room."],
    ["too-many 60000 10 waiting", "10 questions of yours wait already."],
    ["too-many 60000 100 queue", "100 questions wait in this room already."],
  ])("names the kind of the limit for the reason %j", (reason, text) => {
    const limit = limitOf(reason, 0);
    expect(limit === null ? null : limitText(limit)).toEqual({ text, countdown: "Try again in 60 s." });
  });

  it.each([null, "busy", "too-many", "too-many soon", "too-many 5 ten", "too-many 5 10 moons"])(
    "is not shown for the reason %j",
    (reason) => expect(limitOf(reason, 0)).toBeNull(),
  );
});

describe("the token limit in a preview", () => {
  it("is the limit of the request, with its origin if no card set it", () => {
    expect(limitLine(null, null)).toBe("no answer limit");
    expect(limitLine(1, "card")).toBe("answer limited to 1 token");
    expect(limitLine(50_000, "card")).toBe("answer limited to 50,000 tokens");
    expect(limitLine(4096, "setting")).toBe("answer limited to 4,096 tokens, set on this server");
  });
});

describe("a query", () => {
  it("is trimmed, and its inner white space stays", () => {
    expect(trimmedQuery("\n  one  two\n\tthree \n")).toBe("one  two\n\tthree");
  });
});
