import { describe, expect, it } from "vitest";
import { failedHere, guarded, offHere, retryPart, stateOf, switchHere } from "./parts";
import { readParts } from "./schema/parts";

describe("optional parts of a room", () => {
  it("are on by default, and any setting other than true switches them off", () => {
    expect(readParts({})).toEqual({ cursors: true, carets: true, typing: true, patterns: true });
    expect(readParts({ cursors: false, carets: "yes", typing: 1, patterns: null })).toEqual({
      cursors: false,
      carets: false,
      typing: false,
      patterns: true,
    });
  });

  it("are off for a reason: switched off for all people, switched off here, or failed", () => {
    const all = readParts({ typing: false });
    switchHere("cursors", false);
    const broken = guarded("patterns", () => {
      throw new Error("broken on purpose");
    });
    expect(broken).not.toThrow();
    expect(stateOf("typing", all)).toBe("off-for-all");
    expect(stateOf("cursors", all)).toBe("off-here");
    expect(stateOf("patterns", all)).toBe("failed");
    expect(stateOf("carets", all)).toBe("on");
    switchHere("cursors", true);
    retryPart("patterns");
    expect([...offHere.get(), ...failedHere.get()]).toEqual([]);
  });
});
