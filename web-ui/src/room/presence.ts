import { type DocHandle, Presence } from "@automerge/automerge-repo/slim";
import type { PresenceState } from "./people";
import type { RoomDoc } from "./schema/document";
import { beginning } from "./schema/scalars";
import { Cell, shallowEqual } from "./store";

const IDLE_AFTER_MS = 60_000;
const AWAY_AFTER_MS = 5 * 60_000;
const TYPING_FOR_MS = 6_000;
const STATUS_EVERY_MS = 5_000;

/** A new connection serves the document a moment after it opened. Earlier messages reach no other peer. */
const HELLO_AFTER_MS = 500;
/** All present peers have answered a hello within this time. */
const ANSWER_MS_MAX = 5_000;

/*
 * The relay says goodbye for a peer that loses the connection [EP5], so heartbeats matter only if that was missed.
 * Their interval grows with the number of people, so that an idle browser sends and receives less than a KiB in 30 s.
 * Each heartbeat is about 230 bytes and goes to all peers.
 */
const HEARTBEAT_MIN_MS = 60_000;
const HEARTBEAT_PER_PEER_MS = 7_500;
const HEARTBEAT_MAX_MS = 600_000;
/**
 * The number of missed heartbeats after which a person counts as gone. The half allows for different counts of peers.
 */
const MISSED_MAX = 2.5;

/** The time that a browser may be silent with this number of other people. */
export const heartbeatMs = (peers: number): number =>
  Math.min(HEARTBEAT_MAX_MS, Math.max(HEARTBEAT_MIN_MS, HEARTBEAT_PER_PEER_MS * peers));

/** As automerge-repo's own presence says it. */
const HEARTBEAT = { __presence: { type: "heartbeat" } };

type Channels = { me: PresenceState };

/**
 * The people in the room and their activities, over automerge-repo's presence: never in the document. The whole small
 * state travels in one channel, so that any message of a peer contains all of it.
 */
export class RoomPresence {
  readonly peers = new Cell<ReadonlyMap<string, PresenceState>>(new Map());
  readonly own: Cell<PresenceState>;
  readonly #presence: Presence<Channels, RoomDoc>;
  #connectedBefore: boolean;
  #lastSentAt = Date.now();
  /** The peers from before the connection was lost, until the remaining ones have answered. */
  #peersBeforeReconnection: ReadonlyMap<string, PresenceState> = new Map();
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #lastActiveAt = Date.now();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #statusTimer: ReturnType<typeof setInterval>;

  /**
   * @param sharesTyping whether others may know where this person writes
   * @param connectedSince when the existing connection opened, as Date.now() says it; null without a connection
   */
  constructor(
    private readonly handle: DocHandle<RoomDoc>,
    me: { readonly identity: string; readonly name: string },
    private readonly sharesTyping: () => boolean,
    connectedSince: number | null,
  ) {
    this.#connectedBefore = connectedSince !== null;
    this.own = new Cell<PresenceState>({ ...me, status: "online", where: null, typing: null });
    this.#presence = new Presence<Channels, RoomDoc>({ handle });
    const refresh = (): void => this.#refresh();
    for (const event of ["update", "snapshot", "goodbye", "pruning", "heartbeat"] as const)
      this.#presence.on(event, refresh);
    this.#start();
    // A message sent just now may have been too early for a connection that is as young.
    if (connectedSince !== null && Date.now() - connectedSince < HELLO_AFTER_MS)
      this.#helloTimer = setTimeout(() => this.#announce(), HELLO_AFTER_MS);
    this.#statusTimer = setInterval(() => {
      this.#updateStatus();
      this.#sendHeartbeatIfDue();
    }, STATUS_EVERY_MS);
    document.addEventListener("visibilitychange", this.#onActivity);
    window.addEventListener("pointermove", this.#onActivity, { passive: true });
    window.addEventListener("keydown", this.#onActivity, { passive: true });
    window.addEventListener("pagehide", this.#onPageHide);
    window.addEventListener("pageshow", this.#onPageShow);
  }

  /**
   * The connection is open. This browser missed the goodbyes of people who left while it had no connection. On a
   * reconnection it therefore asks all peers again, and only peers that answer stay.
   */
  connected(): void {
    clearTimeout(this.#helloTimer);
    const isReconnection = this.#connectedBefore;
    this.#connectedBefore = true;
    this.#helloTimer = setTimeout(() => {
      if (!this.#presence.running) return;
      if (!isReconnection) {
        this.#announce();
        return;
      }
      this.#peersBeforeReconnection = this.peers.get();
      this.#presence.stop();
      this.#start();
      this.#helloTimer = setTimeout(() => {
        this.#peersBeforeReconnection = new Map();
        this.#refresh();
      }, ANSWER_MS_MAX);
    }, HELLO_AFTER_MS);
  }

  setWhere(where: string | null): void {
    this.#set({ where });
  }

  /** Reports that the person types in a place; the report expires after a short time. */
  setTyping(where: string | null): void {
    clearTimeout(this.#typingTimer);
    if (where !== null && !this.sharesTyping()) return;
    if (where !== null) this.#typingTimer = setTimeout(() => this.#set({ typing: null }), TYPING_FOR_MS);
    this.#set({ typing: where });
  }

  setName(name: string): void {
    this.#set({ name });
  }

  dispose(): void {
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#helloTimer);
    clearInterval(this.#statusTimer);
    document.removeEventListener("visibilitychange", this.#onActivity);
    window.removeEventListener("pointermove", this.#onActivity);
    window.removeEventListener("keydown", this.#onActivity);
    window.removeEventListener("pagehide", this.#onPageHide);
    window.removeEventListener("pageshow", this.#onPageShow);
    this.#presence.stop();
    this.#presence.removeAllListeners();
  }

  #set(part: Partial<PresenceState>): void {
    const before = this.own.get();
    const next = { ...before, ...part };
    if ((Object.keys(part) as (keyof PresenceState)[]).every((key) => before[key] === next[key])) return;
    this.own.set(next);
    this.#announce();
  }

  #start(): void {
    this.#lastSentAt = Date.now();
    this.#presence.start({
      initialState: { me: this.own.get() },
      heartbeatMs: HEARTBEAT_MAX_MS,
      peerTtlMs: HEARTBEAT_MAX_MS * MISSED_MAX,
    });
  }

  #announce(): void {
    if (!this.#presence.running) return;
    this.#lastSentAt = Date.now();
    this.#presence.broadcast("me", this.own.get());
  }

  /** Sends a heartbeat if this browser has been silent for long, and drops silent peers. */
  #sendHeartbeatIfDue(): void {
    if (!this.#presence.running) return;
    this.#refresh();
    if (Date.now() - this.#lastSentAt < heartbeatMs(this.peers.get().size)) return;
    this.#lastSentAt = Date.now();
    this.handle.broadcast(HEARTBEAT);
  }

  readonly #onActivity = (): void => {
    if (document.visibilityState === "visible") this.#lastActiveAt = Date.now();
    if (document.visibilityState === "hidden" || this.own.get().status !== "online") this.#updateStatus();
  };

  #updateStatus(): void {
    const inactiveMs = Date.now() - this.#lastActiveAt;
    const away = document.visibilityState === "hidden" || inactiveMs >= AWAY_AFTER_MS;
    this.#set({ status: away ? "away" : inactiveMs >= IDLE_AFTER_MS ? "idle" : "online" });
  }

  readonly #onPageHide = (): void => {
    this.#presence.stop();
  };

  readonly #onPageShow = (): void => {
    if (!this.#presence.running) this.#start();
  };

  #refresh(): void {
    const all = Object.entries(this.#presence.getPeerStates().value);
    const oldest = Date.now() - MISSED_MAX * heartbeatMs(all.length);
    const peers = new Map(this.#peersBeforeReconnection);
    for (const [peerId, peer] of all) {
      const state = peer.lastSeenAt < oldest ? null : validState(peer.value?.me);
      if (state === null) peers.delete(peerId);
      else peers.set(peerId, state);
    }
    if (!sameStates(peers, this.peers.get())) this.peers.set(peers);
  }
}

function sameStates(a: ReadonlyMap<string, PresenceState>, b: ReadonlyMap<string, PresenceState>): boolean {
  return a.size === b.size && [...a].every(([id, state]) => shallowEqual(state, b.get(id)));
}

/** Presence comes from other people's programs: only messages of the right shape are accepted. */
function validState(value: unknown): PresenceState | null {
  if (typeof value !== "object" || value === null) return null;
  const { identity, name, status, where, typing } = value as Record<string, unknown>;
  if (typeof identity !== "string" || identity.length > 200) return null;
  return {
    identity,
    name: typeof name === "string" ? beginning(name, 80) : "Guest",
    status: status === "idle" || status === "away" ? status : "online",
    where: typeof where === "string" ? beginning(where, 80) : null,
    typing: typeof typing === "string" ? beginning(typing, 80) : null,
  };
}
