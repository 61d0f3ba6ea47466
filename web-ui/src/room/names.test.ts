import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guestNameFor } from "./names";

interface Vector {
  identity: string;
  name: string;
}

describe("guest names", () => {
  it("are those of the golden file, which the server's tests also read", () => {
    const vectors: Vector[] = JSON.parse(readFileSync("../docs/vectors/guest-names.json", "utf8"));
    expect(vectors.length).toBeGreaterThan(5);
    for (const { identity, name } of vectors) expect(guestNameFor(identity), identity).toBe(name);
  });
});
