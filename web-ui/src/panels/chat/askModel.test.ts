import { describe, expect, it } from "vitest";
import type { Generation, Result } from "../../room/schema/read";
import { keptStates, questionToModel, requestStates } from "./askModel";

describe("a message that asks the model [GE16]", () => {
  it.each([
    ["@model how many leads?", "how many leads?"],
    ["@Model, how many?", "how many?"],
    ["@MODEL: how\nmany?", "how\nmany?"],
    ["@gpt-4 shorter", "shorter"],
    ["@GPT-4, shorter", "shorter"],
    ["@model", null],
    ["@model  ", null],
    ["@models are great", null],
    ["@gpt-4o shorter", null],
    ["ask @model", null],
    ["model, hello", null],
  ])("%j has the question %j", (text, question) => expect(questionToModel(text, "gpt-4")).toBe(question));

  it("does not need the name of the model", () => expect(questionToModel("@ hello", "")).toBeNull());
});

describe("the state of a question in chat", () => {
  const free: Generation = { epoch: 1, lock: null, grant: null, stop: null };
  const queued = (chat: string | null, state: "waiting" | "old" = "waiting") => ({
    request: `r-${chat}`,
    by: "a",
    at: 1,
    query: "q",
    cards: [],
    after: "",
    state,
    attach: [],
    chat,
  });
  const result = (status: Result["status"]) => ({ request: "r", chat: "m1", status }) as Result;

  const stateOf = (generation: Generation, results: readonly Result[]) =>
    requestStates(generation, results).get("m1");

  it("is told from the moment of sending until the answer", () => {
    const lock = { request: "r", by: "a", at: 1, query: "q", cards: [], seen: 0, chat: "m1" };
    expect(stateOf({ ...free, lock }, [])).toBe("Sending to the model");
    expect(stateOf({ ...free, queue: [queued(null), queued("m1")] }, [])).toBe("Second in the queue");
    expect(stateOf({ ...free, queue: [queued("m1", "old")] }, [])).toBe("Waits for its author");
    expect(stateOf(free, [result("running")])).toBe("The model is writing in Output");
    expect(stateOf(free, [result("done")])).toBe("Answered in Output");
    expect(stateOf(free, [result("refused")])).toBe("Not asked");
  });

  it("is missing for a message that asked nothing", () => expect(stateOf(free, [])).toBeUndefined());

  it("is the same object while an answer grows, so that no message is drawn again", () => {
    const before = requestStates(free, [result("running")]);
    expect(keptStates(requestStates(free, [{ ...result("running"), text: "more" }]), before)).toBe(before);
    expect(keptStates(requestStates(free, [result("done")]), before)).not.toBe(before);
  });
});
