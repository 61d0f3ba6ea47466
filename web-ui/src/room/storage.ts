import type { StorageKey } from "@automerge/automerge-repo/slim";
import { IndexedDBStorageAdapter } from "@automerge/automerge-repo-storage-indexeddb";
import { Cell } from "./store";

/** IndexedDB for documents, which also says whether the last write failed. */
export class LocalStorage extends IndexedDBStorageAdapter {
  readonly failed = new Cell(false);

  constructor() {
    super("parlor");
  }

  override async save(key: StorageKey, binary: Uint8Array): Promise<void> {
    try {
      await super.save(key as string[], binary);
      this.failed.set(false);
    } catch (problem) {
      this.failed.set(true);
      throw problem;
    }
  }
}
