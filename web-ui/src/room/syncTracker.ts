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

/** After this time without an acknowledgement, pending changes are sent again over a new connection. */
const STUCK_AFTER_MS = 12_000;

/** The time between two questions to the server why it does not acknowledge pending changes. */
const ASK_EVERY_MS = 2_000;

/** The same while there is no connection. */
const ASK_OFFLINE_EVERY_MS = 10_000;

/** What the tracker asks the server. */
export interface ServerCondition {
  /** Whether the server cannot write to its storage. */
  storageAway(): Promise<boolean>;
  /** Whether the server acknowledges changes that its storage servers may have in memory only. */
  savesInMemory(): Promise<boolean>;
}

const NO_CONDITION: ServerCondition = {
  storageAway: () => Promise.resolve(false),
  savesInMemory: () => Promise.resolve(false),
};

/**
 * Tracks which changes of this page the server has acknowledged, and derives the pill's state. The server's heads
 * arrive as automerge-repo's `remote-heads` events with the server's storage id. The server sends them only after the
 * changes are on its disk.
 */
export class SyncTracker {
  readonly state: Cell<SyncState>;
  readonly #storageId: StorageId;
  #acknowledged: A.Heads = [];
  #pending = 0;
  #waitingSince = Date.now();
  #brokenSince: number | null = Date.now();
  #visiblyBroken = false;
  #recoveredAt: number | null = null;
  #restartedAt = 0;
  #localSaveFailed = false;
  #storageAway = false;
  #quorum = false;
  #askedAt = 0;
  #disposed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #dispose: (() => void)[] = [];

  constructor(
    private readonly handle: DocHandle<RoomDoc>,
    private readonly socket: TicketSocket,
    storageId: string,
    private readonly server: ServerCondition = NO_CONDITION,
  ) {
    this.#storageId = storageId as StorageId;
    const stored = memory.value<UrlHeads>(this.#memoryName);
    if (stored !== null) this.#acknowledge(decodeHeads(stored));
    // The server may have sent its heads before this listener was added.
    const info = handle.getSyncInfo(this.#storageId);
    if (info !== undefined) this.#acknowledge(decodeHeads(info.lastHeads));
    this.#count();
    this.state = new Cell<SyncState>({ kind: "syncing", pending: this.#pending });
    const onChange = (): void => this.#onHeadsChanged();
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
      socket.suspected.subscribe(() => this.#update()),
      socket.synced.subscribe(() => this.#update()),
    );
    for (const event of ["online", "offline", "focus"] as const) {
      const listener = (): void => (event === "focus" ? this.#restartIfStuck() : this.#update());
      window.addEventListener(event, listener);
      this.#dispose.push(() => window.removeEventListener(event, listener));
    }
    this.#connectionChanged();
    void server.savesInMemory().then(
      (quorum) => {
        this.#quorum = quorum;
        if (quorum && !this.#disposed) this.#update();
      },
      () => {}, // The usual promise is shown.
    );
  }

  /** The heads that the server has acknowledged and whose changes this page has. */
  get acknowledged(): A.Heads {
    return this.#acknowledged;
  }

  /** Must be called when the local storage starts or stops to store writes. */
  setLocalCopyKept(kept: boolean): void {
    this.#localSaveFailed = !kept;
    this.#update();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#countTimer);
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
   * Adds the server's heads to the acknowledged heads. Heads whose changes this page does not have yet are skipped:
   * they are added after their changes have arrived.
   */
  #acknowledge(heads: A.Heads): void {
    const doc = this.handle.doc();
    const present = heads.filter((head) => A.hasHeads(doc, [head]));
    if (present.length === 0) return;
    const union = [...new Set([...this.#acknowledged, ...present])];
    this.#acknowledged = union.length <= 1 ? union : frontier(doc, union);
    memory.setValueSoon(this.#memoryName, encodeHeads(this.#acknowledged));
  }

  #onHeadsChanged(): void {
    const info = this.handle.getSyncInfo(this.#storageId);
    if (info !== undefined) this.#acknowledge(decodeHeads(info.lastHeads));
    if (this.#pending === 0) this.#waitingSince = Date.now();
    if (this.#countTimer !== undefined) return;
    this.#countTimer = setTimeout(() => {
      this.#countTimer = undefined;
      this.#count();
      this.#update();
    }, 50);
  }

  #count(): void {
    const doc = this.handle.doc();
    this.#pending = sameHeads(A.getHeads(doc), this.#acknowledged)
      ? 0
      : A.getChangesMetaSince(doc, this.#acknowledged).length;
  }

  #connectionChanged(): void {
    const connection = this.socket.connection.get();
    if (connection.state === "open") {
      this.#waitingSince = Date.now();
      this.#visiblyBroken ||= this.#brokenMs() >= OFFLINE_AFTER_MS;
      this.#brokenSince = null;
    } else {
      const silentSince = "silentSince" in connection ? connection.silentSince : undefined;
      this.#brokenSince ??= silentSince ?? Date.now();
    }
    this.#update();
  }

  #brokenMs(): number {
    return this.#brokenSince === null ? 0 : Date.now() - this.#brokenSince;
  }

  /**
   * Opens a new connection if changes are pending for a long time, so that both sides start with new sync state. While
   * a pong or the server's first message is missing, a slow line may still transmit the changes or the document. Then
   * liveness.ts decides about the connection.
   */
  #restartIfStuck(): void {
    if (this.socket.suspected.get() || !this.socket.synced.get()) return;
    const now = Date.now();
    const stuck = this.#pending > 0 && now - this.#waitingSince > STUCK_AFTER_MS;
    // The server has the changes. A new connection would not help its storage.
    if (this.#storageAway) return;
    if (!stuck || this.socket.connection.get().state !== "open" || now - this.#restartedAt < STUCK_AFTER_MS)
      return;
    this.#restartedAt = now;
    // The last answer may be older than the fault of the storage.
    void this.#ask(now).then((away) => {
      if (!away && !this.#disposed && this.#pending > 0) this.socket.restart();
    });
  }

  /** Asks the server whether its storage is away, if the last question is old enough. */
  #askWhy(now: number, everyMs: number): void {
    if (now - this.#askedAt >= everyMs) void this.#ask(now);
  }

  /** Asks the server whether its storage is away; false without an answer. */
  async #ask(now: number): Promise<boolean> {
    this.#askedAt = now;
    const away = await this.server.storageAway().catch(() => null);
    if (away !== null && !this.#disposed) {
      this.#storageAway = away;
      this.#update();
    }
    return away === true;
  }

  #update(): void {
    const now = Date.now();
    const before = this.state.get();
    const connection = this.socket.connection.get();
    if (before.kind === "offline" || before.kind === "reconnecting") this.#visiblyBroken = true;
    const synced = this.socket.synced.get();
    if (connection.state === "open" && synced && this.#pending === 0 && this.#visiblyBroken) {
      this.#visiblyBroken = false;
      this.#recoveredAt = now;
    }
    const next = syncState({
      now,
      online: navigator.onLine,
      connection,
      pending: this.#pending,
      waitingSince: this.#waitingSince,
      brokenSince: this.#brokenSince,
      recoveredAt: this.#recoveredAt,
      localSaveFailed: this.#localSaveFailed,
      suspected: this.socket.suspected.get(),
      synced,
      storageAway: this.#storageAway,
      quorum: this.#quorum,
    });
    if (next.kind === "not-saved") this.#askWhy(now, ASK_EVERY_MS);
    else if (next.kind === "offline" && navigator.onLine) this.#askWhy(now, ASK_OFFLINE_EVERY_MS);
    else if (next.kind !== "reconnecting") this.#storageAway = false;
    if (!shallowEqual(next, before)) this.state.set(next);
    this.#restartIfStuck();
    clearTimeout(this.#timer);
    const settled =
      next.kind === "saved" || next.kind === "refused" || (next.kind === "offline" && !navigator.onLine);
    if (!settled) this.#timer = setTimeout(() => this.#update(), 500);
  }
}

function sameHeads(a: A.Heads, b: A.Heads): boolean {
  return a.length === b.length && a.every((head) => b.includes(head));
}

/** Removes the heads that are ancestors of other heads in the list. */
function frontier(doc: A.Doc<RoomDoc>, heads: A.Heads): A.Heads {
  return heads.filter((head) => {
    const others = heads.filter((other) => other !== head);
    return A.getChangesMetaSince(doc, others).some((change) => change.hash === head);
  });
}
