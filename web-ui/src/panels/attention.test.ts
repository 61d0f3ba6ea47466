import { describe, expect, it } from "vitest";
import type { ChatEntry, Result } from "../room/schema/read";
import { countSince, tabTitle } from "./attention";

const entry = (id: string, by: string, kind: ChatEntry["kind"] = "say"): ChatEntry => ({
  id,
  by,
  at: 1,
  kind,
  text: "x",
  replyTo: null,
});
const result = (request: string, by: string, status: Result["status"]): Result =>
  ({ request, by, status }) as Result;

describe("[U32] the unread mark of a hidden tab", () => {
  it("counts new messages of others and own answers that ended, and nothing that was there before", () => {
    const seen = { messages: new Set(["1"]), running: new Set(["a", "b"]) };
    const chat = [
      entry("1", "bob"),
      entry("2", "bob"),
      entry("3", "me"),
      entry("4", "me", "program"),
      entry("5", "gpt", "model"),
    ];
    const results = [
      result("old", "me", "done"),
      result("a", "me", "done"),
      result("b", "me", "running"),
      result("c", "bob", "done"),
    ];
    expect(countSince(seen, "me", chat, results)).toEqual({ messages: 3, answers: 1 });
  });

  it("stands in front of the title only if there is something unread", () => {
    expect(tabTitle("Launch", 0)).toBe("Launch · Parlor");
    expect(tabTitle("Launch", 3)).toBe("(3) Launch · Parlor");
    expect(tabTitle("", 100)).toBe("(99+) Parlor");
  });
});
