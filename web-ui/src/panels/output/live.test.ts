import { describe, expect, it } from "vitest";
import { LiveText, readDelta } from "../../room/live";
import { mulberry32, shuffled } from "../hand/shuffle";

const delta = (index: number, text: string) => ({ request: "r", epoch: 1, index, text });

describe("the text of a running answer", () => {
  it("ends before a missing piece until that piece or the document fills the gap", () => {
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

  it("is extended by overlapping pieces, and not changed by repeated or late pieces", () => {
    const live = new LiveText();
    live.mergeDocumentText("one two");
    for (const piece of [delta(0, "one"), delta(4, "two three"), delta(4, "two three"), delta(2, "e t")]) {
      live.addDelta(piece);
    }
    expect(live.text).toBe("one two three");
  });

  it("is replaced by the document's text if the two differ", () => {
    const live = new LiveText();
    live.addDelta(delta(0, "forged words"));
    live.mergeDocumentText("true");
    expect(live.text).toBe("true");
  });

  it("is joined at indexes in UTF-16 units", () => {
    const live = new LiveText();
    live.addDelta(delta(0, "🦦"));
    live.addDelta(delta(2, " otter"));
    expect(live.text).toBe("🦦 otter");
  });

  it("is complete after all pieces, for any order and repetition of pieces and any progress of the document", () => {
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
  ])("ignores the malformed message %j", (message) => expect(readDelta(message)).toBeNull());
});
