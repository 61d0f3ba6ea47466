import type { StorageKey } from "@automerge/automerge-repo/slim";
import { IndexedDBStorageAdapter } from "@automerge/automerge-repo-storage-indexeddb";
import type { RoomTabs } from "./refused/tabs";
import { Cell } from "./store";

/**
 * IndexedDB for documents, which also says whether the last write failed. Nothing is read while another tab drops the
 * room's local copy, and nothing is written any more once this storage is sealed.
 */
export class LocalStorage extends IndexedDBStorageAdapter {
  readonly failed = new Cell(false);
  #sealed = false;

  constructor(private readonly tabs: RoomTabs) {
    super("parlor");
  }

  override async load(key: StorageKey): Promise<Uint8Array | undefined> {
    await this.tabs.entered;
    return super.load(key as string[]);
  }

  override async loadRange(prefix: StorageKey): ReturnType<IndexedDBStorageAdapter["loadRange"]> {
    await this.tabs.entered;
    return super.loadRange(prefix as string[]);
  }

  override async save(key: StorageKey, binary: Uint8Array): Promise<void> {
    if (this.#sealed) return;
    try {
      await super.save(key as string[], binary);
      this.failed.set(false);
    } catch (problem) {
      this.failed.set(true);
      throw problem;
    }
  }

  override async remove(key: StorageKey): Promise<void> {
    if (!this.#sealed) await super.remove(key as string[]);
  }

  override async removeRange(prefix: StorageKey): Promise<void> {
    if (!this.#sealed) await super.removeRange(prefix as string[]);
  }

  /** Nothing is written from here on; what this page holds in memory goes with it. */
  seal(): void {
    this.#sealed = true;
  }

  /** Removes everything that is kept of one document, and keeps nothing of it any more. */
  async drop(documentId: string): Promise<void> {
    this.seal();
    await super.removeRange([documentId]);
  }
}
