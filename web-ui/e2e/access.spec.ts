import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";

interface Me {
  readonly identity: string;
  readonly token?: string;
}

const remembered = (page: Page): Promise<Me> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("parlor.me") ?? "{}"));

/** What the browser keeps of an identity's key: whether it signs, and whether anybody could read it. */
const kept = (page: Page, identity: string) =>
  page.evaluate(async (id) => {
    const request = indexedDB.open("parlor-keys", 1);
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const get = db.transaction("keys").objectStore("keys").get(id);
    const found = await new Promise<{ privateKey: CryptoKey } | undefined>((resolve) => {
      get.onsuccess = () => resolve(get.result);
    });
    db.close();
    if (found === undefined) return null;
    const exported = await crypto.subtle.exportKey("jwk", found.privateKey).then(
      () => "exported",
      (refused: Error) => refused.name,
    );
    return { extractable: found.privateKey.extractable, usages: found.privateKey.usages, exported };
  }, identity);

test("an identity is a key pair that no script can read, and survives a reload", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const bearers: string[] = [];
  ada.page.on("request", (request) => bearers.push(request.headers().authorization ?? ""));
  await ada.openRoom(server.url, "Keys");
  await ada.saved();
  const me = await remembered(ada.page);
  expect(me.token).toBeUndefined();
  expect(await kept(ada.page, me.identity)).toEqual({
    extractable: false,
    usages: ["sign"],
    exported: "InvalidAccessError",
  });
  const shown = bearers.filter((header) => header !== "");
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.every((header) => header.startsWith("Bearer ps1."))).toBe(true);

  await ada.page.reload();
  await ada.inside();
  await ada.saved();
  expect((await remembered(ada.page)).identity).toBe(me.identity);

  await server.down();
  ada.forgivesNetwork = true;
  await server.up();
  await ada.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await ada.saved();
});

test("an identity of before, with a token, moves to a key pair and stays the same person", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  ada.forgivesNetwork = true;
  const link = await ada.openRoom(server.url, "Before");
  const old = await ada.page.evaluate(async () => {
    const answer = await fetch("/api/identities", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Ada" }),
    });
    const { identity, token } = await answer.json();
    localStorage.setItem("parlor.me", JSON.stringify({ identity, token, name: "Ada" }));
    return { identity, token };
  });
  await ada.page.goto("about:blank");
  await ada.page.goto(link);
  await ada.inside();
  await ada.saved();
  const me = await remembered(ada.page);
  expect(me.identity).toBe(old.identity);
  expect(me.token).toBeUndefined();
  expect((await kept(ada.page, me.identity))?.extractable).toBe(false);
  const status = await ada.page.evaluate(
    async ({ token }) =>
      (
        await fetch("/api/rooms", {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
          body: "{}",
        })
      ).status,
    old,
  );
  expect(status, "the token proves nothing any more").toBe(401);
});
