import { describe, expect, it } from "vitest";
import { anchorIn, approach, cursorOf, pointIn } from "./cursorPath";

describe("another person's cursor", () => {
  it("is at the same relative position in a window on another screen", () => {
    const ownBox = { left: 100, top: 50, width: 200, height: 100 };
    const otherBox = { left: 10, top: 10, width: 400, height: 300 };
    const anchor = anchorIn({ x: 150, y: 75 }, ownBox, "w");
    expect(anchor).toEqual({ window: "w", x: 0.25, y: 0.25 });
    expect(pointIn(anchor, otherBox)).toEqual({ x: 110, y: 85 });
  });

  it("reaches its target exactly after some frames", () => {
    let at = { x: 0, y: 0 };
    for (let frame = 0; frame < 40; frame++) at = approach(at, { x: 300, y: 40 }, 16);
    expect(at).toEqual({ x: 300, y: 40 });
  });

  it("is accepted only from a well-formed message", () => {
    for (const malformed of [
      null,
      3,
      {},
      { type: "parlor-cursor" },
      { type: "parlor-cursor", x: Number.NaN, y: 1 },
      { type: "x", x: 1, y: 1 },
    ]) {
      expect(cursorOf(malformed)).toBeNull();
    }
    expect(cursorOf({ type: "parlor-cursor", gone: true })).toBe("gone");
    expect(cursorOf({ type: "parlor-cursor", window: 4, x: 1, y: 2 })).toEqual({ window: null, x: 1, y: 2 });
  });
});
