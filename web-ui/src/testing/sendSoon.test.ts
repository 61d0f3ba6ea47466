import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SEND_EVERY_MS, sendSoon } from "../../scripts/send-soon";

const installed = "../../node_modules/@automerge/automerge-repo/dist/synchronizer/DocSynchronizer.js";
const code = readFileSync(new URL(installed, import.meta.url), "utf8");

describe("the built page's pause between two messages with changes", () => {
  it("is shorter than automerge-repo's, in the installed version", () => {
    expect(sendSoon(code)).toContain(`syncDebounceRate = ${SEND_EVERY_MS};`);
    expect(sendSoon(code).length).toBe(code.length - 1);
  });

  it("makes the build fail if another version of automerge-repo has no such pause", () => {
    expect(() => sendSoon("class DocSynchronizer {}")).toThrow("adapt scripts/send-soon.ts");
  });
});
