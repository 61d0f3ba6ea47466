import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RoomDoc } from "./schema/document";
import { foldPrompt } from "./schema/fold";
import { type Attachment, readCards, readResults } from "./schema/read";

interface Vector {
  readonly name: string;
  readonly cards: Record<string, unknown>;
  readonly results: Record<string, unknown>;
  readonly query: string;
  readonly attach: readonly Attachment[];
  readonly after: string;
  readonly stackRule: "latest" | "combine";
  readonly systemPrompt: string;
  readonly contextTokens: number;
  readonly expected: unknown;
}

describe("folding", () => {
  it("[PF1–PF12] gives the prompts of the golden file, which the server's tests also read", () => {
    const vectors: Vector[] = JSON.parse(readFileSync("../docs/vectors/prompt-fold.json", "utf8"));
    expect(vectors.length).toBeGreaterThanOrEqual(30);
    for (const vector of vectors) {
      const doc = { cards: vector.cards, results: vector.results } as unknown as RoomDoc;
      const folded = foldPrompt({ ...vector, cards: readCards(doc), results: readResults(doc) });
      expect(folded, vector.name).toEqual(vector.expected);
    }
  });
});
