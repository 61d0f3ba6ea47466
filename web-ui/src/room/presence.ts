import { type DocHandle, Presence } from "@automerge/automerge-repo/slim";
import { roomTexts } from "../texts";
import type { PresenceState } from "./people";
import type { RoomDoc } from "./schema/document";
import { beginning } from "./schema/scalars";
import { Cell, shallowEqual } from "./store";

const IDLE_AFTER_MS = 60_000;
const AWAY_AFTER_MS = 5 * 60_000;
const TYPING_FOR_MS = 6_000;
const STATUS_EVERY_MS = 5_000;

/**
 * The pause before presence is sent on a new connection. The server forwards no message before it serves the document.
 */
const ANNOUNCE_AFTER_MS = 500;
/** The time in which all present peers answer an announcement. */
const ANSWER_MS_MAX = 5_000;

/*
 * The relay sends a goodbye for a peer that loses the connection [EP5], so heartbeats matter only if the goodbye was
 * missed. Their interval grows with the number of people, so that an idle browser sends and receives less than a KiB in
 * 30 s. Each heartbeat has about 230 bytes and goes to all peers.
 */
const HEARTBEAT_MIN_MS = 60_000;
const HEARTBEAT_PER_PEER_MS = 7_500;
const HEARTBEAT_MAX_MS = 600_000;
/**
 * The number of missed heartbeats after which a peer is dropped. The half allows for peers that know different numbers
 * of people and so use different intervals.
 */
const MISSED_MAX = 2.5;

/** The interval between heartbeats of a browser with this number of other peers. */
export const heartbeatMs = (peers: number): number =>
  Math.min(HEARTBEAT_MAX_MS, Math.max(HEARTBEAT_MIN_MS, HEARTBEAT_PER_PEER_MS * peers));

/** The heartbeat message of automerge-repo's `Presence`. */
const HEARTBEAT = { __presence: { type: "heartbeat" } };

type Channels = { me: PresenceState };

/**
 * The presence of the people in the room: status, place and typing. It is sent with automerge-repo's `Presence` and
 * never stored in the document. The whole state is in one channel, so that each message of a peer contains all of it.
 */
export class RoomPresence {
  readonly peers = new Cell<ReadonlyMap<string, PresenceState>>(new Map());
  readonly own: Cell<PresenceState>;
  readonly #presence: Presence<Channels, RoomDoc>;
  #connectedBefore: boolean;
  #lastSentAt = Date.now();
  /** The peers from before the reconnection. They stay listed until all present peers had time to answer. */
  #peersBeforeReconnection: ReadonlyMap<string, PresenceState> = new Map();
  #announceTimer: ReturnType<typeof setTimeout> | undefined;
  #lastActiveAt = Date.now();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #statusTimer: ReturnType<typeof setInterval>;

  /**
   * @param sharesTyping whether other people may see where this person types
   * @param connectedSince the time when the current connection opened, as of `Date.now()`; null without a connection
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
    // The announcement sent just now may have been too early for a connection that has just opened.
    if (connectedSince !== null && Date.now() - connectedSince < ANNOUNCE_AFTER_MS)
      this.#announceTimer = setTimeout(() => this.#announce(), ANNOUNCE_AFTER_MS);
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
   * Must be called when a connection has opened. While it had no connection, this browser missed the goodbyes of people
   * who left. After a reconnection it therefore asks all peers to announce themselves, and drops those that do not.
   */
  connected(): void {
    clearTimeout(this.#announceTimer);
    const isReconnection = this.#connectedBefore;
    this.#connectedBefore = true;
    this.#announceTimer = setTimeout(() => {
      if (!this.#presence.running) return;
      if (!isReconnection) {
        this.#announce();
        return;
      }
      this.#peersBeforeReconnection = this.peers.get();
      this.#presence.stop();
      this.#start();
      this.#announceTimer = setTimeout(() => {
        this.#peersBeforeReconnection = new Map();
        this.#refresh();
      }, ANSWER_MS_MAX);
    }, ANNOUNCE_AFTER_MS);
  }

  setPlace(place: string | null): void {
    this.#set({ where: place });
  }

  /** Reports that the person is typing in a place, or stopped (null). The report expires after a few seconds. */
  setTyping(place: string | null): void {
    clearTimeout(this.#typingTimer);
    if (place !== null && !this.sharesTyping()) return;
    if (place !== null) this.#typingTimer = setTimeout(() => this.#set({ typing: null }), TYPING_FOR_MS);
    this.#set({ typing: place });
  }

  /** The answer that this person reads, for the people who follow; null while nobody does. */
  setReading(request: string | null): void {
    this.#set({ reading: request });
  }

  /** The identity of the person whom this person follows; null for nobody. */
  setFollowing(identity: string | null): void {
    this.#set({ following: identity });
  }

  setFollowable(followable: boolean): void {
    this.#set({ followable });
  }

  setName(name: string): void {
    this.#set({ name });
  }

  dispose(): void {
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#announceTimer);
    clearInterval(this.#statusTimer);
    document.removeEventListener("visibilitychange", this.#onActivity);
    window.removeEventListener("pointermove", this.#onActivity);
    window.removeEventListener("keydown", this.#onActivity);
    window.removeEventListener("pagehide", this.#onPageHide);
    window.removeEventListener("pageshow", this.#onPageShow);
    this.#presence.stop();
    this.#presence.removeAllListeners();
  }

  #set(changes: Partial<PresenceState>): void {
    const before = this.own.get();
    const next = { ...before, ...changes };
    if ((Object.keys(changes) as (keyof PresenceState)[]).every((key) => before[key] === next[key])) return;
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

  /** Sends a heartbeat if this browser has sent nothing for the interval, and drops silent peers. */
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

/** The state in a presence message, or null if it is malformed: any program can send presence. */
function validState(value: unknown): PresenceState | null {
  if (typeof value !== "object" || value === null) return null;
  const { identity, name, status, where, typing, reading, following, followable } = value as Record<
    string,
    unknown
  >;
  if (typeof identity !== "string" || identity.length > 200) return null;
  return {
    identity,
    name: typeof name === "string" ? beginning(name, 80) : roomTexts.guest,
    status: status === "idle" || status === "away" ? status : "online",
    where: typeof where === "string" ? beginning(where, 80) : null,
    typing: typeof typing === "string" ? beginning(typing, 80) : null,
    reading: typeof reading === "string" ? beginning(reading, 80) : null,
    following: typeof following === "string" ? beginning(following, 200) : null,
    followable: followable !== false,
  };
}
