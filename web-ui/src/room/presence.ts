import { type DocHandle, Presence } from "@automerge/automerge-repo/slim";
import type { RoomDoc } from "./document";
import type { PresenceState } from "./people";
import { beginning } from "./scalars";
import { Cell, shallowEqual } from "./store";

const IDLE_AFTER_MS = 60_000;
const AWAY_AFTER_MS = 5 * 60_000;
const TYPING_FOR_MS = 6_000;
const LOOK_EVERY_MS = 5_000;

/** A new connection serves the document a moment after it opened; what is said before that reaches nobody. */
const HELLO_AFTER_MS = 500;
/** Everybody who is there has answered a hello by then. */
const ANSWERED_AFTER_MS = 5_000;

/*
 * The relay says goodbye for whoever loses the connection [EP5], so heartbeats matter only where that was missed. They are
 * so rare that an idle browser sends and receives less than a KiB in 30 s, however many are in the room: each is about
 * 230 bytes and goes to everybody.
 */
const HEARTBEAT_MIN_MS = 60_000;
const HEARTBEAT_PER_PEER_MS = 7_500;
const HEARTBEAT_MAX_MS = 600_000;
/** Heartbeats that may be missed until somebody counts as gone, and a half, since rooms are counted a little differently. */
const MISSED_MAX = 2.5;

/** How long a browser may be silent when there are so many others. */
export const heartbeatMs = (peers: number): number =>
  Math.min(HEARTBEAT_MAX_MS, Math.max(HEARTBEAT_MIN_MS, HEARTBEAT_PER_PEER_MS * peers));

/** As automerge-repo's own presence says it. */
const HEARTBEAT = { __presence: { type: "heartbeat" } };

type Channels = { me: PresenceState };

/**
 * Who is here and what they do, over automerge-repo's presence: never in the document. The whole small state travels in
 * one channel, so that any message of a peer is enough to know it.
 */
export class RoomPresence {
  readonly peers = new Cell<ReadonlyMap<string, PresenceState>>(new Map());
  readonly mine: Cell<PresenceState>;
  readonly #presence: Presence<Channels, RoomDoc>;
  #connectedBefore: boolean;
  #saidAt = Date.now();
  /** Who was here before the connection was lost, until those who still are have answered. */
  #before: ReadonlyMap<string, PresenceState> = new Map();
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #lastActive = Date.now();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #statusTimer: ReturnType<typeof setInterval>;

  /**
   * @param tellsTyping whether others may know where this person writes
   * @param connectedSince when the connection opened that there is already, as Date.now() says it; null without one
   */
  constructor(
    private readonly handle: DocHandle<RoomDoc>,
    me: { readonly identity: string; readonly name: string },
    private readonly tellsTyping: () => boolean,
    connectedSince: number | null,
  ) {
    this.#connectedBefore = connectedSince !== null;
    this.mine = new Cell<PresenceState>({ ...me, status: "online", where: null, typing: null });
    this.#presence = new Presence<Channels, RoomDoc>({ handle });
    const refresh = (): void => this.#refresh();
    for (const event of ["update", "snapshot", "goodbye", "pruning", "heartbeat"] as const)
      this.#presence.on(event, refresh);
    this.#start();
    // What was said just now may have been too early for a connection that is as young.
    if (connectedSince !== null && Date.now() - connectedSince < HELLO_AFTER_MS)
      this.#helloTimer = setTimeout(() => this.#announce(), HELLO_AFTER_MS);
    this.#statusTimer = setInterval(() => {
      this.#status();
      this.#beat();
    }, LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", this.#active);
    window.addEventListener("pointermove", this.#active, { passive: true });
    window.addEventListener("keydown", this.#active, { passive: true });
    window.addEventListener("pagehide", this.#leave);
    window.addEventListener("pageshow", this.#back);
  }

  /**
   * The connection is open. Whoever left while there was none said goodbye to nobody here: after a second connection
   * everybody is asked anew, and only those who answer stay.
   */
  connected(): void {
    clearTimeout(this.#helloTimer);
    const again = this.#connectedBefore;
    this.#connectedBefore = true;
    this.#helloTimer = setTimeout(() => {
      if (!this.#presence.running) return;
      if (!again) {
        this.#announce();
        return;
      }
      this.#before = this.peers.get();
      this.#presence.stop();
      this.#start();
      this.#helloTimer = setTimeout(() => {
        this.#before = new Map();
        this.#refresh();
      }, ANSWERED_AFTER_MS);
    }, HELLO_AFTER_MS);
  }

  setWhere(where: string | null): void {
    this.#set({ where });
  }

  /** Says that the person types somewhere; it expires by itself. */
  setTyping(where: string | null): void {
    clearTimeout(this.#typingTimer);
    if (where !== null && !this.tellsTyping()) return;
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
    document.removeEventListener("visibilitychange", this.#active);
    window.removeEventListener("pointermove", this.#active);
    window.removeEventListener("keydown", this.#active);
    window.removeEventListener("pagehide", this.#leave);
    window.removeEventListener("pageshow", this.#back);
    this.#presence.stop();
    this.#presence.removeAllListeners();
  }

  #set(part: Partial<PresenceState>): void {
    const before = this.mine.get();
    const next = { ...before, ...part };
    if ((Object.keys(part) as (keyof PresenceState)[]).every((key) => before[key] === next[key])) return;
    this.mine.set(next);
    this.#announce();
  }

  #start(): void {
    this.#saidAt = Date.now();
    this.#presence.start({
      initialState: { me: this.mine.get() },
      heartbeatMs: HEARTBEAT_MAX_MS,
      peerTtlMs: HEARTBEAT_MAX_MS * MISSED_MAX,
    });
  }

  #announce(): void {
    if (!this.#presence.running) return;
    this.#saidAt = Date.now();
    this.#presence.broadcast("me", this.mine.get());
  }

  /** Says that this browser is still there when it has said nothing for long, and drops who has. */
  #beat(): void {
    if (!this.#presence.running) return;
    this.#refresh();
    if (Date.now() - this.#saidAt < heartbeatMs(this.peers.get().size)) return;
    this.#saidAt = Date.now();
    this.handle.broadcast(HEARTBEAT);
  }

  readonly #active = (): void => {
    if (document.visibilityState === "visible") this.#lastActive = Date.now();
    if (document.visibilityState === "hidden" || this.mine.get().status !== "online") this.#status();
  };

  #status(): void {
    const quiet = Date.now() - this.#lastActive;
    const away = document.visibilityState === "hidden" || quiet >= AWAY_AFTER_MS;
    this.#set({ status: away ? "away" : quiet >= IDLE_AFTER_MS ? "idle" : "online" });
  }

  readonly #leave = (): void => {
    this.#presence.stop();
  };

  readonly #back = (): void => {
    if (!this.#presence.running) this.#start();
  };

  #refresh(): void {
    const all = Object.entries(this.#presence.getPeerStates().value);
    const oldest = Date.now() - MISSED_MAX * heartbeatMs(all.length);
    const peers = new Map(this.#before);
    for (const [peerId, peer] of all) {
      const state = peer.lastSeenAt < oldest ? null : sane(peer.value?.me);
      if (state === null) peers.delete(peerId);
      else peers.set(peerId, state);
    }
    if (!sameStates(peers, this.peers.get())) this.peers.set(peers);
  }
}

function sameStates(a: ReadonlyMap<string, PresenceState>, b: ReadonlyMap<string, PresenceState>): boolean {
  return a.size === b.size && [...a].every(([id, state]) => shallowEqual(state, b.get(id)));
}

/** Presence comes from other people's programs: only what has the right shape is believed. */
function sane(value: unknown): PresenceState | null {
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
