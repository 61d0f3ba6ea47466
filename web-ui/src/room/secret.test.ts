import { expect, test } from "vitest";
import { newSecret, proofOf } from "./secret";

// RoomSecretTest.java has the same values.
test("the proof depends on the secret word without surrounding blanks, and on the identity", async () => {
  const challenge = { nonce: "nonce", salt: "MDEyMzQ1Njc4OWFiY2RlZg", iterations: 100_000 };
  const proof = "u1x2nXS75EJQta2BbwPXN4TWzD_QagswJ_krVuC2GBY";
  expect(await proofOf("correct horse", challenge, "slug", "id_ada")).toBe(proof);
  expect(await proofOf("  correct horse ", challenge, "slug", "id_ada")).toBe(proof);
  expect(await proofOf("correct horsf", challenge, "slug", "id_ada")).not.toBe(proof);
  expect(await proofOf("correct horse", challenge, "slug", "id_bob")).not.toBe(proof);
});

test("two secrets with the same word have different salts and stored keys", async () => {
  const [one, other] = await Promise.all([newSecret("word"), newSecret("word")]);
  expect(one.salt).not.toBe(other.salt);
  expect(one.storedKey).not.toBe(other.storedKey);
  expect(one.storedKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
