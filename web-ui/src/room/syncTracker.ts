import * as A from "@automerge/automerge/slim";
import {
  type DocHandle,
  decodeHeads,
  encodeHeads,
  type StorageId,
  type UrlHeads,
} from "@automerge/automerge-repo/slim";
import { memory } from "./memory";
import type { RoomDoc } from "./schema/document";
import type { TicketSocket } from "./socket";
import { Cell, shallowEqual } from "./store";
import { OFFLINE_AFTER_MS, type SyncState, syncState } from "./syncState";

const HEAL_AFTER_MS = 12_000;

/**
 * Tracks which own changes the server has acknowledged, and derives the pill's state. The server's heads come with
 * automerge-repo's `remote-heads` for its storage id. The server sends them only for changes on its disk.
 */
export class SyncTracker {
  readonly state: Cell<SyncState>;
  readonly #storageId: StorageId;
  #acked: A.Heads = [];
  #pending = 0;
  #waitingSince = Date.now();
  #brokenSince: number | null = Date.now();
  #visiblyBroken = false;
  #healedAt: number | null = null;
  #healedOnce = 0;
  #localSaveFailed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #counting: ReturnType<typeof setTimeout> | undefined;
  readonly #dispose: (() => void)[] = [];

  constructor(
    private readonly handle: DocHandle<RoomDoc>,
    private readonly socket: TicketSocket,
    storageId: string,
  ) {
    this.#storageId = storageId as StorageId;
    const known = memory.value<UrlHeads>(this.#memoryName);
    if (known !== null) this.#acknowledge(decodeHeads(known));
    // The server may have sent its heads before this listener was added.
    const told = handle.getSyncInfo(this.#storageId);
    if (told !== undefined) this.#acknowledge(decodeHeads(told.lastHeads));
    this.#count();
    this.state = new Cell<SyncState>({ kind: "syncing", pending: this.#pending });
    const onChange = (): void => this.#changed();
    const onRemote = ({ storageId, heads }: { storageId: StorageId; heads: UrlHeads }): void => {
      if (storageId === this.#storageId) this.#remoteHeads(heads);
    };
    handle.on("heads-changed", onChange);
    handle.on("remote-heads", onRemote);
    this.#dispose.push(() => {
      handle.off("heads-changed", onChange);
      handle.off("remote-heads", onRemote);
    });
    this.#dispose.push(
      socket.connection.subscribe(() => this.#connectionChanged()),
      socket.doubted.subscribe(() => this.#update()),
      socket.synced.subscribe(() => this.#update()),
    );
    for (const event of ["online", "offline", "focus"] as const) {
      const listener = (): void => (event === "focus" ? this.#heal() : this.#update());
      window.addEventListener(event, listener);
      this.#dispose.push(() => window.removeEventListener(event, listener));
    }
    this.#connectionChanged();
  }

  /** The heads that the server has reported as on its disk, as far as this page has them. */
  get acknowledged(): A.Heads {
    return this.#acked;
  }

  /** Called by the local storage with whether it stores writes. */
  localCopy(kept: boolean): void {
    this.#localSaveFailed = !kept;
    this.#update();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#counting);
    for (const stop of this.#dispose) stop();
  }

  get #memoryName(): string {
    return `acked.${this.handle.documentId}`;
  }

  #remoteHeads(heads: UrlHeads): void {
    this.#acknowledge(decodeHeads(heads));
    this.#waitingSince = Date.now();
    this.#count();
    this.#update();
  }

  /**
   * Heads that this page does not have yet prove nothing about its own changes. They count once their changes have
   * arrived.
   */
  #acknowledge(heads: A.Heads): void {
    const doc = this.handle.doc();
    const known = heads.filter((head) => A.hasHeads(doc, [head]));
    if (known.length === 0) return;
    const both = [...new Set([...this.#acked, ...known])];
    this.#acked = both.length <= 1 ? both : frontier(doc, both);
    memory.setValue(this.#memoryName, encodeHeads(this.#acked));
  }

  #changed(): void {
    const info = this.handle.getSyncInfo(this.#storageId);
    if (info !== undefined) this.#acknowledge(decodeHeads(info.lastHeads));
    if (this.#pending === 0) this.#waitingSince = Date.now();
    if (this.#counting !== undefined) return;
    this.#counting = setTimeout(() => {
      this.#counting = undefined;
      this.#count();
      this.#update();
    }, 50);
  }

  #count(): void {
    const doc = this.handle.doc();
    this.#pending = sameHeads(A.getHeads(doc), this.#acked)
      ? 0
      : A.getChangesMetaSince(doc, this.#acked).length;
  }

  #connectionChanged(): void {
    const connection = this.socket.connection.get();
    if (connection.state === "open") {
      this.#waitingSince = Date.now();
      this.#visiblyBroken ||= this.#broken() >= OFFLINE_AFTER_MS;
      this.#brokenSince = null;
    } else {
      const silentSince = "silentSince" in connection ? connection.silentSince : undefined;
      this.#brokenSince ??= silentSince ?? Date.now();
    }
    this.#update();
  }

  #broken(): number {
    return this.#brokenSince === null ? 0 : Date.now() - this.#brokenSince;
  }

  /**
   * After a long silence with changes waiting, a new connection gives both sides fresh sync state. While a pong or the
   * server's first message is overdue, a slow line may still carry the changes or the document: then liveness.ts judges the
   * connection.
   */
  #heal(): void {
    if (this.socket.doubted.get() || !this.socket.synced.get()) return;
    const now = Date.now();
    const stuck = this.#pending > 0 && now - this.#waitingSince > HEAL_AFTER_MS;
    if (!stuck || this.socket.connection.get().state !== "open" || now - this.#healedOnce < HEAL_AFTER_MS)
      return;
    this.#healedOnce = now;
    this.socket.restart();
  }

  #update(): void {
    const now = Date.now();
    const before = this.state.get();
    const connection = this.socket.connection.get();
    if (before.kind === "offline" || before.kind === "reconnecting") this.#visiblyBroken = true;
    const synced = this.socket.synced.get();
    if (connection.state === "open" && synced && this.#pending === 0 && this.#visiblyBroken) {
      this.#visiblyBroken = false;
      this.#healedAt = now;
    }
    const next = syncState({
      now,
      online: navigator.onLine,
      connection,
      pending: this.#pending,
      waitingSince: this.#waitingSince,
      brokenSince: this.#brokenSince,
      healedAt: this.#healedAt,
      localSaveFailed: this.#localSaveFailed,
      doubted: this.socket.doubted.get(),
      synced,
    });
    if (!shallowEqual(next, before)) this.state.set(next);
    this.#heal();
    clearTimeout(this.#timer);
    const settled =
      next.kind === "saved" || next.kind === "refused" || (next.kind === "offline" && !navigator.onLine);
    if (!settled) this.#timer = setTimeout(() => this.#update(), 500);
  }
}

function sameHeads(a: A.Heads, b: A.Heads): boolean {
  return a.length === b.length && a.every((head) => b.includes(head));
}

/** Drops every head that another head of the list already covers. */
function frontier(doc: A.Doc<RoomDoc>, heads: A.Heads): A.Heads {
  return heads.filter((head) => {
    const others = heads.filter((other) => other !== head);
    return A.getChangesMetaSince(doc, others).some((change) => change.hash === head);
  });
}
