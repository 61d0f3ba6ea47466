import { describe, expect, it } from "vitest";
import { aRoom, run } from "../testing/rooms";
import { playCard, sendMessage } from "./commands";
import { readCards, readChat, readTitle } from "./schema/read";
import { truncationNotice, truncationOf } from "./truncation";

describe("a text that is longer than its limit", () => {
  it("is reported to its author in a sentence with the limit", () => {
    const cut = truncationOf({ type: "text-cut", path: "cards/c1/text", lengthMax: 4_000, by: ["ann", 7] });
    expect(cut).toEqual({ path: ["cards", "c1", "text"], lengthMax: 4_000, by: ["ann"] });
    if (cut === null) throw new Error("not read");
    expect(truncationNotice(cut)).toBe(
      "A card has more than 4,000 characters. The model and the others see it cut there.",
    );
  });

  it("is not reported for a malformed message", () => {
    for (const malformed of [
      null,
      7,
      {},
      { type: "text-cut" },
      { type: "text-cut", path: "title", lengthMax: -1, by: [] },
    ])
      expect(truncationOf(malformed)).toBeNull();
  });

  it("is shown truncated, and never in the middle of a character", () => {
    const long = `${"x".repeat(3_999)}🦦🦦`;
    const doc = run(
      aRoom(),
      (draft) => {
        draft.title = "t".repeat(300);
      },
      playCard({ id: "c", type: "tone", text: long, by: "ann", at: 1 }),
      sendMessage({ id: "m", by: "ann", at: 1, text: "y".repeat(8_001) }),
    );
    expect(readTitle(doc)).toHaveLength(200);
    expect(readCards(doc)[0]?.text).toBe("x".repeat(3_999));
    expect(readChat(doc)[0]?.text).toHaveLength(8_000);
  });
});
