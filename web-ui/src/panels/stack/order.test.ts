import { describe, expect, it } from "vitest";
import { mulberry32 } from "../hand/shuffle";
import { byOrder, type Ordered, planMove } from "./order";
import { targetIndex } from "./useRowDrag";

function apply(items: readonly Ordered[], id: string, to: number): Ordered[] {
  const edits = new Map(planMove(items, id, to).map((edit) => [edit.id, edit.order]));
  return items.map((item) => ({ ...item, order: edits.get(item.id) ?? item.order })).sort(byOrder);
}

const ids = (items: readonly Ordered[]) => items.map((item) => item.id).join("");

describe("moving a card", () => {
  const row = ["a0", "a1", "a2", "a3"].map((order, at) => ({ id: "abcd"[at] as string, order }));

  it.each([
    ["a", 0, "abcd"],
    ["a", 2, "bcad"],
    ["d", 0, "dabc"],
    ["b", 3, "acdb"],
    ["b", 99, "acdb"],
    ["c", -1, "cabd"],
    ["nobody", 1, "abcd"],
  ])("of id %s to index %i gives the order %s", (id, to, expected) =>
    expect(ids(apply(row, id, to))).toBe(expected),
  );

  it("writes one key, or none if the card is already at the index", () => {
    expect(planMove(row, "a", 2)).toHaveLength(1);
    expect(planMove(row, "b", 1)).toEqual([]);
  });

  it("between two cards with equal keys also writes a new key for the later card", () => {
    const tied = [
      { id: "a", order: "a1" },
      { id: "b", order: "a1" },
      { id: "c", order: "a2" },
    ];
    expect(ids(apply(tied, "c", 1))).toBe("acb");
  });

  it("writes new keys for the whole list if a key of another program is invalid", () => {
    const foreign = [
      { id: "a", order: "" },
      { id: "b", order: "!!" },
      { id: "c", order: "zzzzzzzz" },
    ];
    expect(ids(apply(foreign, "c", 0))).toBe("cab");
  });

  it("gives the expected order for random moves in lists with equal keys", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = mulberry32(seed);
      let list: Ordered[] = [..."abcdefgh"].map((id) => ({
        id,
        order: random() < 0.5 ? "a1" : `a${Math.floor(random() * 9)}`,
      }));
      list.sort(byOrder);
      for (let step = 0; step < 20; step++) {
        const from = Math.floor(random() * list.length);
        const to = Math.floor(random() * list.length);
        const { id } = list[from] as Ordered;
        const expected = list.filter((item) => item.id !== id).map((item) => item.id);
        expected.splice(to, 0, id);
        list = apply(list, id, to);
        expect(ids(list), `seed ${seed}, step ${step}`).toBe(expected.join(""));
      }
    }
  });
});

describe("dragging a row", () => {
  const middles = [20, 60, 120, 180];
  it.each([
    [0, 0, 0],
    [0, 39, 0],
    [0, 41, 1],
    [0, 500, 3],
    [3, -59, 3],
    [3, -61, 2],
    [3, -500, 0],
  ])("from index %i by %i px has the target index %i", (from, dy, to) =>
    expect(targetIndex(middles, from, dy)).toBe(to),
  );
});
