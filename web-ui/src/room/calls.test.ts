import { describe, expect, it } from "vitest";
import { Calls } from "./calls";

const asked = {
  type: "generation-waiting",
  request: "r1",
  epoch: 1,
  at: 10_000,
  endpoint: "box",
  model: "llama",
  firstWordMs: 300_000,
};

function stateAfter(...messages: readonly unknown[]) {
  const calls = new Calls();
  for (const message of messages) calls.receive(message);
  return calls.states.get().get("r1");
}

describe("the state of a model's call", () => {
  it("has the endpoint, the time at which it was asked, and the limit", () =>
    expect(stateAfter(asked)).toMatchObject({
      endpoint: "box",
      model: "llama",
      askedAt: 10_000,
      firstWordMs: 300_000,
      isThinking: false,
      retry: null,
    }));

  it("has the reason and the end of a pause before the next attempt, until thoughts arrive", () => {
    const retry = { type: "generation-retry", request: "r1", at: 11_000, reason: "503", pauseMs: 4_000 };
    expect(stateAfter(asked, retry)?.retry).toEqual({ reason: "503", until: 15_000, pauseMs: 4_000 });
    const thinking = { type: "generation-thinking", request: "r1", at: 16_000 };
    expect(stateAfter(asked, retry, thinking)).toMatchObject({ retry: null, isThinking: true });
  });

  it("keeps the sentence about a fallback when the next endpoint is asked", () => {
    const note = { type: "generation-note", request: "r1", at: 12_000, text: "cloud is busy; box is asked." };
    expect(stateAfter({ ...asked, endpoint: "cloud" }, note, asked)).toMatchObject({
      endpoint: "box",
      notes: ["cloud is busy; box is asked."],
    });
  });

  it.each([null, 7, "x", {}, { type: "generation-waiting" }, { type: "generation-delta", request: "r1" }])(
    "is not changed by the message %j",
    (message) => expect(stateAfter(message)).toBeUndefined(),
  );

  it("takes malformed fields as unknown", () =>
    expect(
      stateAfter({ ...asked, endpoint: 7, at: "soon", firstWordMs: Number.NaN, model: null }),
    ).toMatchObject({ endpoint: "", model: "", askedAt: 0, firstWordMs: 0 }));
});
