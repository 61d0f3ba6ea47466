import { describe, expect, it } from "vitest";
import { deltaOf, LiveText } from "../../room/live";
import { mulberry32, shuffled } from "../hand/shuffle";

const delta = (index: number, text: string) => ({ request: "r", epoch: 1, index, text });

describe("an answer that arrives ahead of the document", () => {
  it("stops at a gap until the document or the missing piece fills it", () => {
    const live = new LiveText();
    live.addDelta(delta(0, "one "));
    live.addDelta(delta(8, "three "));
    expect(live.text).toBe("one ");
    live.addDelta(delta(4, "two "));
    expect(live.text).toBe("one two three ");

    const late = new LiveText();
    late.addDelta(delta(8, "three "));
    late.mergeDocumentText("one two ");
    expect(late.text).toBe("one two three ");
  });

  it("is not changed by repeated, overlapping or late pieces", () => {
    const live = new LiveText();
    live.mergeDocumentText("one two");
    for (const piece of [delta(0, "one"), delta(4, "two three"), delta(4, "two three"), delta(2, "e t")]) {
      live.addDelta(piece);
    }
    expect(live.text).toBe("one two three");
  });

  it("follows the document if the two differ", () => {
    const live = new LiveText();
    live.addDelta(delta(0, "forged words"));
    live.mergeDocumentText("true");
    expect(live.text).toBe("true");
  });

  it("counts UTF-16 units", () => {
    const live = new LiveText();
    live.addDelta(delta(0, "🦦"));
    live.addDelta(delta(2, " otter"));
    expect(live.text).toBe("🦦 otter");
  });

  it("ends as the whole text for any order and repetition of pieces and any progress of the document", () => {
    const text = "A room where several people prompt together. 🦦 Ünïcödé too.\n\n```ts\nconst a = 1;\n```\n";
    for (let seed = 0; seed < 80; seed++) {
      const random = mulberry32(seed);
      const pieces = [];
      for (let at = 0; at < text.length; ) {
        const length = 1 + Math.floor(random() * 9);
        pieces.push(delta(at, text.slice(at, at + length)));
        at += length;
      }
      const arriving = shuffled([...pieces, ...pieces.filter(() => random() < 0.3)], `seed ${seed}`);
      const live = new LiveText();
      let committed = 0;
      for (const piece of arriving) {
        live.addDelta(piece);
        if (random() < 0.2) {
          committed = Math.min(text.length, committed + Math.floor(random() * 20));
          live.mergeDocumentText(text.slice(0, committed));
        }
        expect(text.startsWith(live.text), `seed ${seed}`).toBe(true);
      }
      expect(live.text, `seed ${seed}`).toBe(text);
    }
  });

  it.each([
    null,
    5,
    {},
    { ...delta(0, "x"), type: "other" },
    { ...delta(-1, "x"), type: "generation-delta" },
    { ...delta(0.5, "x"), type: "generation-delta" },
  ])("does not believe %j", (message) => expect(deltaOf(message)).toBeNull());
});
