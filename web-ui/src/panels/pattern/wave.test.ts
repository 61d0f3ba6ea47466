import { describe, expect, it } from "vitest";
import { readSpec, waves } from "./wave";

describe("a pattern", () => {
  it("is a pure function of its parameters and the time", () => {
    const spec = readSpec({ seed: "tide", palette: [1, 2], speed: 1 }, "w1");
    expect(waves(spec, 3, 296, 120)).toEqual(waves(spec, 3, 296, 120));
    expect(waves(spec, 3, 296, 120)).not.toEqual(waves(spec, 4, 296, 120));
    expect(waves({ ...spec, seed: "dune" }, 3, 296, 120)).not.toEqual(waves(spec, 3, 296, 120));
    expect(waves({ ...spec, speed: 0 }, 3, 296, 120)).toEqual(waves({ ...spec, speed: 0 }, 9, 296, 120));
  });

  it("has default values for malformed parameters", () => {
    expect(readSpec({}, "w1")).toEqual({ seed: "w1", palette: [7, 2, 8, 3], speed: 1 });
    expect(readSpec({ seed: 7, palette: ["x", 99, 3], speed: 1e9 }, "w1")).toEqual({
      seed: "7",
      palette: [3],
      speed: 4,
    });
    expect(readSpec({ palette: "red", speed: "fast" }, "w1").palette).toHaveLength(4);
    expect(readSpec({ speed: Number.NaN }, "w1").speed).toBe(1);
  });
});
