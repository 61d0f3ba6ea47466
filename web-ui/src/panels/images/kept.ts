import { Database } from "../../room/database";

/** An image that is not used yet, as this browser keeps it. */
export type KeptImage = { readonly key: string; readonly file: File; readonly alt: string };

/** Keeps the images that a person adds at one place of a room, so that a reload of the tab does not lose them. */
export interface KeptImages {
  /** Rejects if the browser does not store the file. */
  put(key: string, file: File): Promise<void>;
  describe(key: string, alt: string): void;
  remove(key: string): Promise<void>;
  /** The images from before the reload, oldest first. Keys of one place are in the order of their making. */
  all(): Promise<readonly KeptImage[]>;
}

/** Images of closed tabs are removed after this time. */
const DAYS_MAX = 7;
const DAY_MS = 86_400_000;

const database = new Database("parlor-images", "waiting");

/** The storage of the tab, which survives a reload; null if the browser has none. */
function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** The name of this tab. Two tabs with one room do not send each other's images. */
function tabName(storage: Storage): string {
  const name = storage.getItem("parlor.tab") ?? crypto.getRandomValues(new Uint32Array(2)).join("-");
  storage.setItem("parlor.tab", name);
  return name;
}

const altKey = (key: string): string => `parlor.alt.${key}`;

type Row = { readonly at: number; readonly file: File };

/** The images of a place in IndexedDB. Their descriptions are in the storage of the tab, since they change by letters. */
export function keptImagesAt(slug: string, place: string): KeptImages {
  const storage = tabStorage();
  const prefix = (): string => {
    if (storage === null) throw new Error("this browser has no storage for the tab");
    return `${tabName(storage)}\n${slug}\n${place}\n`;
  };
  return {
    put: async (key, file) => {
      const row: Row = { at: Date.now(), file };
      const id = prefix() + key;
      await database.run("readwrite", (store) => {
        store.put(row, id);
        return () => undefined;
      });
    },
    describe: (key, alt) => {
      try {
        storage?.setItem(altKey(key), alt);
      } catch {
        // No space: the description of the file's name is used after a reload.
      }
    },
    remove: async (key) => {
      storage?.removeItem(altKey(key));
      const id = prefix() + key;
      await database.run("readwrite", (store) => {
        store.delete(id);
        return () => undefined;
      });
    },
    all: async () => {
      const start = prefix();
      const rows = await database.run("readwrite", (store) => {
        const found: { key: string; file: File }[] = [];
        store.openCursor().onsuccess = ({ target }) => {
          const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result;
          if (cursor === null) return;
          const { at, file } = cursor.value as Row;
          const id = String(cursor.key);
          if (id.startsWith(start)) found.push({ key: id.slice(start.length), file });
          else if (at < Date.now() - DAYS_MAX * DAY_MS) cursor.delete();
          cursor.continue();
        };
        return () => found;
      });
      return rows.map(({ key, file }) => ({ key, file, alt: storage?.getItem(altKey(key)) ?? "" }));
    },
  };
}
