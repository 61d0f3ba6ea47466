import { expect, test } from "vitest";
import { proofText } from "./credential";

// The same text is in SessionsTest.java: page and server must build it byte for byte.
test("the text that an identity signs", () => {
  expect(proofText("https://parlor.example", "id_ada", "r.1.m")).toBe(
    "parlor identity proof 1\norigin: https://parlor.example\nidentity: id_ada\nnonce: r.1.m\n",
  );
});
