import { describe, expect, it } from "vitest";
import { overflowOf } from "./useOverflow";

describe("the row of the hand", () => {
  const row = { scrollWidth: 640, clientWidth: 460 };

  it("goes on at the end, at both sides, or at the start, by its position", () => {
    expect(overflowOf({ ...row, scrollLeft: 0 })).toEqual({ before: false, after: true });
    expect(overflowOf({ ...row, scrollLeft: 90 })).toEqual({ before: true, after: true });
    expect(overflowOf({ ...row, scrollLeft: 179.4 })).toEqual({ before: true, after: false });
    expect(overflowOf({ ...row, scrollLeft: -180 })).toEqual({ before: true, after: false });
  });

  it("does not go on if all cards are visible", () =>
    expect(overflowOf({ scrollWidth: 460, clientWidth: 460, scrollLeft: 0 })).toEqual({
      before: false,
      after: false,
    }));
});
