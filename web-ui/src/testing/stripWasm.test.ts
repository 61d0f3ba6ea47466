import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";

const { stripWasm } = (await import(new URL("../../scripts/strip-wasm.mjs", import.meta.url).href)) as {
  stripWasm: (bytes: Buffer) => Buffer;
};

const automerge = readFileSync(createRequire(import.meta.url).resolve("@automerge/automerge/automerge.wasm"));

describe("the WebAssembly of the built page", () => {
  it("is the same module without the names of its functions", async () => {
    const stripped = stripWasm(automerge);
    expect(stripped.length).toBeLessThan(automerge.length * 0.85);
    const [before, after] = await Promise.all(
      [automerge, stripped].map((bytes) => WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)),
    );
    const interfaceOf = (module: WebAssembly.Module | undefined) =>
      module && [WebAssembly.Module.exports(module), WebAssembly.Module.imports(module)];
    expect(interfaceOf(after)).toEqual(interfaceOf(before));
    expect(after && WebAssembly.Module.customSections(after, "name")).toEqual([]);
    expect(after && WebAssembly.Module.customSections(after, "target_features")).toHaveLength(1);
  });

  it.each([Buffer.from(""), Buffer.from("no module"), automerge.subarray(0, 5_000)])(
    "is not written from bytes that are no whole module",
    (bytes) => {
      expect(() => stripWasm(bytes)).toThrow();
    },
  );
});
