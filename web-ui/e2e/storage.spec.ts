import { expect, test } from "./support/fixtures";
import type { Person } from "./support/person";
import { tagged } from "./support/tags";

/** Ways in which a browser's storage can fail. Each function runs in the page before the page's scripts. */
const BREAKAGES: Readonly<Record<string, () => void>> = {
  "IndexedDB throws on open": () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  },
  "IndexedDB throws on mere access": () => {
    Object.defineProperty(window, "indexedDB", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  },
  "IndexedDB is not there": () => {
    Object.defineProperty(window, "indexedDB", { value: undefined });
  },
  "IndexedDB fires an error": () => {
    IDBFactory.prototype.open = () => {
      const request = {
        error: new DOMException("broken", "UnknownError"),
        onerror: null as null | (() => void),
      };
      setTimeout(() => request.onerror?.(), 10);
      return request as unknown as IDBOpenDBRequest;
    };
  },
  "IndexedDB is blocked": () => {
    IDBFactory.prototype.open = () => {
      const request = { onblocked: null as null | (() => void) };
      setTimeout(() => request.onblocked?.(), 10);
      return request as unknown as IDBOpenDBRequest;
    };
  },
  "IndexedDB never answers": () => {
    IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest;
  },
  "transactions never end": () => {
    const hangingRequests = new Proxy(
      {},
      { get: (_, name) => (name === "then" ? undefined : () => ({})), set: () => true },
    );
    IDBDatabase.prototype.transaction = () =>
      new Proxy(
        {},
        {
          get: (_, name) => (name === "objectStore" ? () => hangingRequests : () => undefined),
          set: () => true,
        },
      ) as IDBTransaction;
  },
  "transactions throw": () => {
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException("closing", "InvalidStateError");
    };
  },
  "everything that keeps something is forbidden": () => {
    for (const name of ["indexedDB", "localStorage", "sessionStorage", "caches"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    }
    for (const name of ["locks", "serviceWorker"]) {
      Object.defineProperty(Navigator.prototype, name, {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    }
    (window as { BroadcastChannel?: unknown }).BroadcastChannel = undefined;
    (crypto as { randomUUID?: unknown }).randomUUID = undefined;
  },
};

const CANNOT_STORE = "This browser can't keep this room. Your changes are saved on the server only.";

async function typeAtEnd(person: Person, text: string): Promise<void> {
  await person.note().click();
  await person.page.keyboard.press("Control+End");
  await person.page.keyboard.type(text);
}

/** Waits until the size of the stored documents is stable, since the page stores changes with a delay. */
async function awaitStableStorage(person: Person): Promise<void> {
  const bytes = () =>
    person.page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const open = indexedDB.open("parlor", 1);
          open.onsuccess = () => {
            const all = open.result.transaction("documents").objectStore("documents").getAll();
            all.onsuccess = () =>
              resolve(all.result.reduce((sum, { binary }) => sum + (binary?.length ?? 0), 0));
            all.onerror = () => reject(all.error);
          };
        }),
    );
  let before = -1;
  await expect
    .poll(
      async () => {
        const current = await bytes();
        const isStable = current === before;
        before = current;
        return isStable;
      },
      { intervals: [500] },
    )
    .toBe(true);
}

/** A storage that fails at once, a storage that never answers, and all faults together. */
const ALWAYS = [
  "IndexedDB throws on open",
  "IndexedDB never answers",
  "everything that keeps something is forbidden",
];

for (const [breakage, breakStorage] of Object.entries(BREAKAGES)) {
  test(
    `${breakage}: a room can be created and used from memory, the page says so, and others receive the text`,
    tagged(ALWAYS.includes(breakage)),
    async ({ arrive, server }) => {
      const ada = await arrive("Ada");
      await ada.page.addInitScript(breakStorage);
      const link = await ada.openRoom(server.url, "From memory");
      await expect(ada.page.locator(".notice", { hasText: CANNOT_STORE })).toBeVisible();
      await typeAtEnd(ada, "kept by the server");
      await ada.awaitSaved();
      await expect(ada.state).toHaveAccessibleName(/This browser can't keep a copy of this room/);

      const bob = await arrive("Bob");
      await bob.follow(link);
      await expect.poll(() => bob.noteText()).toBe("kept by the server");

      await ada.setOffline(true);
      await typeAtEnd(ada, " and back");
      await expect(ada.page.getByText(/Keep this page open or download a copy/)).toBeVisible();
      await ada.setOffline(false);
      await ada.awaitSaved();
      await expect.poll(() => bob.noteText()).toBe("kept by the server and back");
    },
  );
}

test("if storage fails at the next visit, the room opens for the same person, and is stored again once storage works [CN6]", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Second visit");
  await typeAtEnd(ada, "first visit");
  await ada.awaitSaved();
  await ada.page.addInitScript(() => {
    if (sessionStorage.getItem("broken") === "yes")
      IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest;
  });
  await ada.page.evaluate(() => sessionStorage.setItem("broken", "yes"));
  await ada.page.reload();
  await ada.awaitRoom();
  await expect(ada.page.locator(".notice", { hasText: CANNOT_STORE })).toBeVisible();
  await expect.poll(() => ada.noteText()).toBe("first visit");

  await ada.page.evaluate(() => sessionStorage.removeItem("broken"));
  await ada.page.reload();
  await ada.awaitRoom();
  await ada.awaitSaved();
  await expect(ada.page.locator(".notice", { hasText: CANNOT_STORE })).toBeHidden();
  await expect(ada.page.getByRole("button", { name: /1 person here: Ada \(you\)/ })).toBeVisible();
});

test("if the disk is full, the page says so, and stores all changes once there is space again", async ({
  arrive,
  server,
}) => {
  const ada = await arrive("Ada");
  const link = await ada.openRoom(server.url, "Full disk");
  await ada.awaitSaved();
  await ada.page.evaluate(() => {
    const page = window as unknown as { put: typeof IDBObjectStore.prototype.put };
    page.put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function put() {
      this.transaction.abort(); // a full disk causes an abort, without an error of the request
      return {} as IDBRequest<IDBValidKey>;
    };
  });
  await typeAtEnd(ada, "while full");
  await expect(ada.page.locator(".notice", { hasText: CANNOT_STORE })).toBeVisible();
  await ada.page.evaluate(() => {
    IDBObjectStore.prototype.put = (window as unknown as { put: typeof IDBObjectStore.prototype.put }).put;
  });
  await typeAtEnd(ada, " and after");
  const bob = await arrive("Bob");
  await bob.follow(link);
  await expect.poll(() => bob.noteText()).toBe("while full and after");
  await ada.awaitSaved();
  await expect(ada.state).not.toHaveAccessibleName(/can't keep/);
  await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await awaitStableStorage(ada);
  await ada.setOffline(true);
  await ada.page.reload();
  await ada.awaitRoom();
  await expect.poll(() => ada.noteText()).toBe("while full and after");
});

test(
  "if the stored copy is damaged, the page loads the room from the server",
  tagged(false),
  async ({ arrive, server }) => {
    const ada = await arrive("Ada");
    const link = await ada.openRoom(server.url, "Damaged copy");
    await typeAtEnd(ada, "on the server");
    // Another person's page shows that the server has the last letter.
    const bob = await arrive("Bob");
    await bob.follow(link);
    await expect.poll(() => bob.noteText()).toBe("on the server");
    await ada.awaitSaved();
    await ada.page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const open = indexedDB.open("parlor", 1);
          open.onsuccess = () => {
            const transaction = open.result.transaction("documents", "readwrite");
            const all = transaction.objectStore("documents").openCursor();
            all.onsuccess = () => {
              const cursor = all.result;
              if (cursor === null) return;
              const key = cursor.key as string[];
              if (key[1] === "snapshot" || key[1] === "incremental")
                cursor.update({ key, binary: new Uint8Array([0x85, 0x6f, 0x4a, 0x83, 1, 2, 3, 4, 5, 6, 7]) });
              cursor.continue();
            };
            transaction.oncomplete = () => resolve();
            transaction.onabort = () => reject(transaction.error);
          };
        }),
    );
    await ada.page.reload();
    await ada.awaitRoom();
    await expect.poll(() => ada.noteText()).toBe("on the server");
  },
);
