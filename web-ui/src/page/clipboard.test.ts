import { describe, expect, it, vi } from "vitest";
import { copyText } from "./clipboard";

const allowed = { writeText: vi.fn(() => Promise.resolve()) };
const refused = { writeText: () => Promise.reject(new Error("NotAllowedError")) };

describe("copying a text", () => {
  it("uses the clipboard of the page, and no selection", async () => {
    const copySelected = vi.fn(() => true);
    await copyText("text", { clipboard: allowed, copySelected });
    expect(allowed.writeText).toHaveBeenCalledWith("text");
    expect(copySelected).not.toHaveBeenCalled();
  });

  it.each([
    ["the page has no clipboard, as over plain HTTP", undefined],
    ["the browser refuses the clipboard", refused],
  ])("copies a selection if %s", async (_, clipboard) => {
    const copySelected = vi.fn(() => true);
    await copyText("text", { clipboard, copySelected });
    expect(copySelected).toHaveBeenCalledWith("text");
  });

  it("rejects if the browser copies in neither way, so that the page can say so", async () => {
    await expect(copyText("text", { clipboard: refused, copySelected: () => false })).rejects.toThrow();
  });
});
