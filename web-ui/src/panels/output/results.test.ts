import { describe, expect, it } from "vitest";
import type { Result } from "../../room/schema/read";
import { ownRequests } from "./answerSelection";
import { answersOf, canContinue, endingOf, hasNewer, usageLine } from "./results";

const result = (request: string, status: Result["status"]): Result => ({
  request,
  by: "a",
  query: "q",
  prompt: "",
  model: "",
  cards: [],
  text: "part",
  status,
  reason: null,
  usage: null,
  epoch: 0,
  startedAt: 0,
  endedAt: null,
  ttftMs: null,
  totalMs: null,
});

describe("the answers of the room", () => {
  const answers = answersOf([
    result("r1", "done"),
    result("r2", "refused"),
    result("r3", "stopped"),
    result("r4", "running"),
  ]);

  it("leaves out requests that never ran", () => {
    expect(answers.map((each) => each.request)).toEqual(["r1", "r3", "r4"]);
  });
});

describe("a reader of an older answer", () => {
  it("sees that a newer answer exists, but only if it is newer than at the choice", () => {
    expect(hasNewer("r3", "r3")).toBe(false);
    expect(hasNewer("r3", "r2")).toBe(true);
    expect(hasNewer(null, null)).toBe(false);
  });
});

describe("the requests whose answers a person gets to see", () => {
  const free = { epoch: 1, lock: null, grant: null, stop: null };
  const lock = { request: "r9", by: "a", at: 1, query: "q", cards: [], seen: 0 };
  const ended = (request: string, endedAt: number) => ({ ...result(request, "done"), endedAt });

  it("are the person's pending and running requests, and those that ended since the page was opened", () => {
    const results = [
      ended("before", 9),
      ended("since", 10),
      result("runs", "running"),
      { ...result("other", "running"), by: "b" },
      { ...result("no", "refused"), endedAt: 20 },
    ];
    expect(ownRequests("a", free, results, 10)).toEqual(["since", "runs"]);
    expect(ownRequests("a", { ...free, lock }, results, 10)).toEqual(["since", "runs", "r9"]);
    expect(ownRequests("b", { ...free, lock }, results, 10)).toEqual(["other"]);
  });

  it("do not include the lock's request if it was refused", () => {
    expect(ownRequests("a", { ...free, lock }, [result("r9", "refused")], 10)).toEqual([]);
  });
});

describe("the sentence about an answer's end", () => {
  it("is null for a complete or running answer, and otherwise gives the reason", () => {
    expect(endingOf(result("r", "done"))).toBeNull();
    expect(endingOf(result("r", "running"))).toBeNull();
    expect(endingOf(result("r", "stopped"))).toBe("Stopped. The part so far is kept.");
    expect(endingOf({ ...result("r", "stopped"), text: "" })).toBe("Stopped.");
    expect(endingOf(result("r", "interrupted"))).toContain("server went away");
    expect(endingOf({ ...result("r", "error"), reason: "503 from the model" })).toBe(
      "The model did not answer: 503 from the model. The part so far is kept.",
    );
    expect(endingOf({ ...result("r", "refused"), reason: "stale" })).toBe("Not run: stale.");
  });

  it("is separate from the usage line, which gives the number of tokens and marks an estimate", () => {
    expect(usageLine(null)).toBeNull();
    expect(usageLine({ promptTokens: 40, completionTokens: 0, estimated: true })).toBeNull();
    expect(usageLine({ promptTokens: 1, completionTokens: 1, estimated: false })).toBe("1 token");
    expect(usageLine({ promptTokens: 1, completionTokens: 1412, estimated: true })).toBe(
      "about 1,412 tokens",
    );
  });
});

describe("the sentence about an answer that the model or its provider ended", () => {
  const ended = (status: Result["status"], ending: string, more: Partial<Result> = {}): Result => ({
    ...result("r", status),
    ending,
    ...more,
  });

  it("names the token limit that ended the answer", () => {
    expect(endingOf(ended("stopped", "length", { tokensMax: 1500 }))).toBe(
      "Stopped at the limit of 1,500 tokens.",
    );
    expect(endingOf(ended("stopped", "length"))).toBe("Stopped at the model's own limit.");
    expect(endingOf(ended("stopped", "length", { tokensMax: 1, text: " " }))).toBe(
      "Stopped at the limit of 1 token, before the first word of the answer.",
    );
  });

  it.each([
    ["stopped", "content_filter", "the provider's content filter stopped the answer"],
    ["error", "refusal", "the model refused to answer: I can't."],
    ["error", "tool_calls", "the model asked for a tool, and rooms have none"],
    ["error", "thoughts", "the model only thought and wrote no answer"],
    ["stopped", "other", "the model ended the answer with “banana”"],
    ["error", "cut", "the connection to the model broke in the middle of the answer"],
  ] as const)("contains the reason for status %s and ending %s", (status, ending, reason) => {
    const sentence = endingOf(ended(status, ending, { reason }));
    expect(sentence?.toLowerCase()).toContain(reason.toLowerCase());
    expect(sentence).toMatch(/[.!?] The part so far is kept\.$/);
  });

  it("comes with Continue if there is text and the model can write more", () => {
    for (const ending of ["length", "cut", "stopped", "interrupted", "error", "other", null]) {
      expect(canContinue({ ...result("r", "stopped"), ending }), String(ending)).toBe(true);
    }
    for (const ending of ["content_filter", "refusal", "tool_calls"]) {
      expect(canContinue({ ...result("r", "error"), ending }), ending).toBe(false);
    }
    expect(canContinue({ ...result("r", "done"), ending: "complete" })).toBe(false);
    expect(canContinue({ ...result("r", "stopped"), text: "\n", ending: "length" })).toBe(false);
  });
});
