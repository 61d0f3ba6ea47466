import { describe, expect, it } from "vitest";
import type { Generation, Result } from "../../room/schema/read";
import { questionToModel, requestState } from "./askModel";

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
  const entry = { id: "m1" };
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

  it("is told from the moment of sending until the answer", () => {
    const lock = { request: "r", by: "a", at: 1, query: "q", cards: [], seen: 0, chat: "m1" };
    expect(requestState(entry, { ...free, lock }, [])).toBe("Sending to the model");
    expect(requestState(entry, { ...free, queue: [queued(null), queued("m1")] }, [])).toBe(
      "Second in the queue",
    );
    expect(requestState(entry, { ...free, queue: [queued("m1", "old")] }, [])).toBe("Waits for its author");
    expect(requestState(entry, free, [result("running")])).toBe("The model is writing in Output");
    expect(requestState(entry, free, [result("done")])).toBe("Answered in Output");
    expect(requestState(entry, free, [result("refused")])).toBe("Not asked");
  });

  it("is null for a message that asked nothing", () => expect(requestState(entry, free, [])).toBeNull());
});
