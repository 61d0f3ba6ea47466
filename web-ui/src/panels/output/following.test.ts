import { describe, expect, it } from "vitest";
import type { Result } from "../../room/schema/read";
import { choiceAtEnd } from "./following";

const answer = (request: string, startedAt: number, endedAt: number | null): Result => ({
  request,
  startedAt,
  endedAt,
  status: endedAt === null ? "running" : "done",
  after: "",
  by: "ada",
  query: "q",
  prompt: "",
  model: "",
  cards: [],
  text: "",
  reason: null,
  usage: null,
  epoch: 1,
  ttftMs: null,
  totalMs: null,
});

const held = { request: "a", newest: "a", isHeld: true };

describe("a reader at the end of the conversation", () => {
  it("stays with the answer that is written, also if another answer begins elsewhere", () => {
    const a = answer("a", 10, null);
    const chosen = choiceAtEnd({ chosen: null, end: a, newest: a });
    expect(chosen).toEqual(held);
    expect(choiceAtEnd({ chosen, end: a, newest: answer("b", 20, null) })).toBe(chosen);
  });

  it("follows the next answer if it began after the shown one had ended, and else is only offered it", () => {
    const a = answer("a", 10, 30);
    expect(choiceAtEnd({ chosen: held, end: a, newest: answer("b", 30, null) })).toBeNull();
    expect(choiceAtEnd({ chosen: held, end: a, newest: answer("b", 20, 25) })).toBe(held);
    expect(choiceAtEnd({ chosen: held, end: a, newest: a })).toBeNull();
  });

  it("stays in a conversation that was picked, until it ends with the newest answer", () => {
    const picked = { request: "a", newest: "b" };
    const a = answer("a", 10, 30);
    expect(choiceAtEnd({ chosen: picked, end: a, newest: answer("b", 40, 50) })).toBe(picked);
    expect(choiceAtEnd({ chosen: picked, end: a, newest: a })).toBeNull();
  });

  it("has seen an answer that continues the shown conversation", () => {
    const b = answer("b", 30, null);
    expect(choiceAtEnd({ chosen: held, end: b, newest: b })).toEqual({ ...held, newest: "b" });
  });

  it("has no choice in a room without answers", () =>
    expect(choiceAtEnd({ chosen: null, end: null, newest: null })).toBeNull());
});
