import { afterEach, expect, test, vi } from "vitest";
import { browserStoresData, proofText } from "./credential";

// SessionsTest.java has the same text: page and server must build the same bytes.
test("the text that an identity signs contains the origin, the identity and the nonce", () => {
  expect(proofText("https://parlor.example", "id_ada", "r.1.m")).toBe(
    "parlor identity proof 1\norigin: https://parlor.example\nidentity: id_ada\nnonce: r.1.m\n",
  );
});

const databases = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");
afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(globalThis, "indexedDB");
  if (databases !== undefined) Object.defineProperty(globalThis, "indexedDB", databases);
});

test("a browser that throws on access to `indexedDB` counts as a browser that stores nothing", async () => {
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, text: string) => stored.set(name, text),
    removeItem: (name: string) => stored.delete(name),
  });
  Object.defineProperty(globalThis, "indexedDB", {
    configurable: true,
    get: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });
  await expect(browserStoresData()).resolves.toBe(false);
});
