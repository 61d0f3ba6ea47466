import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { CallState } from "../../room/calls";
import type { Result } from "../../room/schema/read";
import { estimateLine } from "../composer/PreviewButton";
import { moneyText } from "../shared/money";
import { factsOf } from "./Details";
import { retryAt } from "./results";
import { Thoughts } from "./Thoughts";
import { retryText, waitedText, waitingText } from "./WaitingForModel";

const call: CallState = {
  endpoint: "box",
  model: "llama",
  askedAt: 10_000,
  firstWordMs: 300_000,
  isThinking: false,
  retry: null,
  notes: [],
};

describe("the wait for a model's first word", () => {
  it("names the endpoint, the time so far and the limit", () => {
    expect(waitingText(call)).toBe("Waiting for the first word from box");
    expect(waitedText(call, 17_000)).toBe("0:07 of at most 5:00");
  });

  it("has no limit once the model thinks, and no text before the server has told about the call", () => {
    const thinking = { ...call, isThinking: true };
    expect([waitingText(thinking), waitedText(thinking, 17_000)]).toEqual(["Thinking…", ""]);
    expect(waitedText({ ...call, askedAt: 0 }, 17_000)).toBe("");
    expect(waitingText(null)).toBe("Thinking…");
  });
});

describe("a failed attempt", () => {
  const retry = {
    reason: "the model endpoint answered 503: busy; it asks to try again in 3 s",
    until: 13_000,
    pauseMs: 3_000,
  };

  it("is told in the provider's words, with the seconds until the next attempt", () => {
    expect(retryText(retry, 11_500)).toBe("The model endpoint answered 503: busy. Trying again in 2 s.");
    expect(retryText(retry, 13_500)).toBe("The model endpoint answered 503: busy. Trying again.");
  });

  it("shows no more seconds than the pause has, if the browser's clock is late", () =>
    expect(retryText(retry, 1_000)).toContain("again in 3 s."));
});

describe("the figures of an answer", () => {
  const usage = { promptTokens: 12, completionTokens: 30, estimated: false };
  const answer = { model: "fast", cards: [], ttftMs: null, totalMs: null } as unknown as Result;
  const factsWith = (more: object) => factsOf({ ...answer, usage: { ...usage, call: { ...info, ...more } } });
  const info = { endpoint: "box", model: null, costMicros: null, thoughts: null, notes: [] };

  it("have the model that answered, its endpoint, the tokens and the cost", () => {
    const facts = Object.fromEntries(factsWith({ model: "spare", costMicros: 1_234, notes: ["A.", "B."] }));
    expect(facts).toMatchObject({
      Model: "spare",
      Endpoint: "box",
      Prompt: "12 tokens",
      Answer: "30 tokens",
      Cost: "$0.0012",
      Notes: "A. B.",
    });
  });

  it("have no cost without a price, and no tokens after a failure before the first word", () => {
    expect(Object.fromEntries(factsWith({}))).not.toHaveProperty("Cost");
    const failed = { promptTokens: 0, completionTokens: 0, estimated: true, call: null };
    const facts = Object.fromEntries(factsOf({ ...answer, usage: failed }));
    expect(facts).toEqual({ Model: "fast", Cards: "none" });
  });

  it.each([
    [0, "$0"],
    [40, "less than $0.0001"],
    [1_234, "$0.0012"],
    [99_900, "$0.0999"],
    [1_204_000, "$1.20"],
  ])("show a cost of %i millionths of a dollar as %s", (micros, text) =>
    expect(moneyText(micros)).toBe(text),
  );
});

describe("the preview", () => {
  const estimate = {
    endpoint: "box",
    promptTokens: 1_412,
    contextTokens: null,
    costMicros: null,
    costMicrosMax: null,
  };

  it("tells the size of the request, and the cost if the model has a price", () => {
    expect(estimateLine(estimate)).toBe("Sends about 1,412 tokens");
    expect(
      estimateLine({ ...estimate, contextTokens: 8_192, costMicros: 4_000, costMicrosMax: 20_000 }),
    ).toBe("Sends about 1,412 tokens of 8,192 that fit · costs about $0.0040, at most $0.0200");
  });
});

describe("the thoughts of a model", () => {
  it("are folded, and are text and not markup", () => {
    const html = renderToStaticMarkup(<Thoughts text="**Hm** <img src=x>" />);
    expect(html).toMatch(/^<details class="exchange-thoughts"><summary/);
    expect(html).toContain("**Hm** &lt;img src=x&gt;");
    expect(renderToStaticMarkup(<Thoughts text={null} />)).toBe("");
  });
});

describe("the time until which a provider asks to wait", () => {
  const failed = { status: "error", endedAt: 1_000 } as const;

  it("is read from the reason of a failed answer", () => {
    const reason = "the model endpoint answered 429: slow down; it asks to try again in 40 s";
    expect(retryAt({ ...failed, reason })).toBe(41_000);
    expect(retryAt({ ...failed, reason: "the model endpoint answered 500" })).toBeNull();
    expect(retryAt({ status: "done", endedAt: 1_000, reason })).toBeNull();
  });
});
