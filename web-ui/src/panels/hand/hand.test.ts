import { describe, expect, it } from "vitest";
import { checkCard } from "../shared/cards";
import { deck } from "./deck";
import { cardsOf, dealHand, HAND_SIZE, handKey, handSeed, loadHand, redraw, refill, saveHand } from "./hand";
import { hash32, shuffled } from "./shuffle";
import { dropIndex } from "./useCardDrag";

const seed = handSeed("room", "id_otter");

function memoryStorage(): Pick<Storage, "getItem" | "setItem"> & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>();
  return {
    stored,
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
  };
}

describe("the deck", () => {
  it("holds about sixty different, playable cards of the five types", () => {
    expect(deck.length).toBeGreaterThanOrEqual(60);
    expect(new Set(deck.map((card) => card.id)).size).toBe(deck.length);
    expect(new Set(deck.map((card) => card.text)).size).toBe(deck.length);
    expect(new Set(deck.map((card) => card.type))).toEqual(
      new Set(["role", "tone", "token-limit", "format", "constraint"]),
    );
    for (const card of deck) expect(checkCard(card.type, card.text)).toEqual({ ok: true, text: card.text });
  });

  it("has texts that fit on a card of the hand", () => {
    for (const card of deck) expect(card.text.length, card.text).toBeLessThanOrEqual(48);
  });
});

describe("the shuffle", () => {
  it("gives the same order for the same seed and keeps every item", () => {
    const items = Array.from({ length: 62 }, (_, n) => n);
    expect(shuffled(items, seed)).toEqual(shuffled(items, seed));
    expect([...shuffled(items, seed)].sort((a, b) => a - b)).toEqual(items);
    expect(shuffled(items, seed)).not.toEqual(shuffled(items, `${seed}!`));
  });

  it("puts every item in every place about equally often, over many seeds", () => {
    const counts = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
    for (let n = 0; n < 5000; n++) {
      shuffled([0, 1, 2, 3, 4], `seed ${n}`).forEach((item, place) => {
        (counts[item] as number[])[place] = ((counts[item] as number[])[place] ?? 0) + 1;
      });
    }
    for (const row of counts) for (const count of row) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it("gives the same hash and the same hand in every release", () => {
    expect(hash32("parlor")).toBe(2_938_629_242);
    expect(dealHand("parlor/id_1").held).toEqual([
      "role-12",
      "role-10",
      "format-1",
      "token-limit-7",
      "tone-2",
    ]);
  });
});

describe("a hand", () => {
  it("holds five different cards, before and after each play, through many rounds of the deck", () => {
    let hand = dealHand(seed);
    for (let play = 0; play < 300; play++) {
      expect(new Set(hand.held).size).toBe(HAND_SIZE);
      expect(cardsOf(hand)).toHaveLength(HAND_SIZE);
      const next = refill(hand, play % HAND_SIZE, seed);
      expect(next.held.filter((id, place) => id !== hand.held[place])).toHaveLength(1);
      hand = next;
    }
  });

  it("has five other cards after all were put away", () => {
    const hand = dealHand(seed);
    const next = redraw(hand, seed);
    expect(new Set([...hand.held, ...next.held]).size).toBe(2 * HAND_SIZE);
    expect(next.drawn).toBe(2 * HAND_SIZE);
  });

  it("inserts a dropped card by the middles of the stack's cards", () => {
    expect(dropIndex([], 10)).toBe(0);
    expect(dropIndex([50, 120, 190], 10)).toBe(0);
    expect(dropIndex([50, 120, 190], 130)).toBe(2);
    expect(dropIndex([50, 120, 190], 400)).toBe(3);
  });

  it("deals the whole deck before it deals a card again", () => {
    let hand = dealHand(seed);
    const dealt = [...hand.held];
    while (hand.drawn < deck.length) {
      hand = refill(hand, 0, seed);
      dealt.push(hand.held[0] as string);
    }
    expect(new Set(dealt).size).toBe(deck.length);
  });

  it("differs between people and between rooms", () => {
    expect(dealHand(handSeed("room", "id_a")).held).not.toEqual(dealHand(handSeed("room", "id_b")).held);
    expect(dealHand(handSeed("room", "id_a")).held).not.toEqual(dealHand(handSeed("other", "id_a")).held);
  });

  it("is stored for each room and person", () => {
    const storage = memoryStorage();
    const played = refill(loadHand(storage, "room", "id_otter"), 2, seed);
    saveHand(storage, "room", "id_otter", played);
    expect(loadHand(storage, "room", "id_otter")).toEqual(played);
    expect(loadHand(storage, "room", "id_finch")).toEqual(dealHand(handSeed("room", "id_finch")));
  });

  it.each([
    ["no JSON", "{"],
    ["another shape", '{"held":5}'],
    ["a card that is in no deck", '{"held":["role-1","role-2","role-3","role-4","joker"],"drawn":5}'],
    ["twice the same card", '{"held":["role-1","role-1","role-3","role-4","role-5"],"drawn":5}'],
    ["a negative count", '{"held":["role-1","role-2","role-3","role-4","role-5"],"drawn":-1}'],
  ])("is dealt again if the stored value is %s", (_, stored) => {
    const storage = memoryStorage();
    storage.stored.set(handKey("room", "id_otter"), stored);
    expect(loadHand(storage, "room", "id_otter")).toEqual(dealHand(seed));
  });

  it("is dealt and kept in memory if the storage throws", () => {
    const failing = {
      getItem: () => {
        throw new Error("SecurityError");
      },
      setItem: () => {
        throw new Error("QuotaExceededError");
      },
    };
    const hand = loadHand(failing, "room", "id_otter");
    saveHand(failing, "room", "id_otter", hand);
    expect(hand.held).toHaveLength(HAND_SIZE);
  });
});
