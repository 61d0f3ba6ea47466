import { afterEach, expect, test, vi } from "vitest";
import { browserKeeps, proofText } from "./credential";

const indexedDb = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");

afterEach(() => {
  vi.unstubAllGlobals();
  if (indexedDb === undefined) Reflect.deleteProperty(globalThis, "indexedDB");
  else Object.defineProperty(globalThis, "indexedDB", indexedDb);
});

// The same text stands in SessionsTest.java: both sides must build it byte for byte.
test("the text that an identity signs", () => {
  expect(proofText("https://parlor.example", "id_ada", "r.1.m")).toBe(
    "parlor identity proof 1\norigin: https://parlor.example\nidentity: id_ada\nnonce: r.1.m\n",
  );
});

test("a browser that throws where IndexedDB is looked up keeps nothing", async () => {
  vi.stubGlobal("localStorage", {
    getItem: () => null,
    setItem: () => undefined,
    removeItem: () => undefined,
  });
  Object.defineProperty(globalThis, "indexedDB", {
    configurable: true,
    get() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    },
  });
  expect(await browserKeeps()).toBe(false);
});
