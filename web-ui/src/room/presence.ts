import { type DocHandle, Presence } from "@automerge/automerge-repo/slim";
import type { RoomDoc } from "./document";
import type { PresenceState } from "./people";
import { Cell } from "./store";

const IDLE_AFTER_MS = 60_000;
const AWAY_AFTER_MS = 5 * 60_000;
const TYPING_FOR_MS = 6_000;
const HEARTBEAT_MS = 15_000;
const PEER_TTL_MS = 40_000;

type Channels = { me: PresenceState };

/**
 * Who is here and what they do, over automerge-repo's presence: never in the document. The whole small state travels in
 * one channel, so that any message of a peer is enough to know it.
 */
export class RoomPresence {
  readonly peers = new Cell<ReadonlyMap<string, PresenceState>>(new Map());
  readonly mine: Cell<PresenceState>;
  readonly #presence: Presence<Channels, RoomDoc>;
  #lastActive = Date.now();
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #statusTimer: ReturnType<typeof setInterval>;

  constructor(handle: DocHandle<RoomDoc>, me: { readonly identity: string; readonly name: string }) {
    this.mine = new Cell<PresenceState>({ ...me, status: "online", where: null, typing: null });
    this.#presence = new Presence<Channels, RoomDoc>({ handle });
    const refresh = (): void => this.#refresh();
    for (const event of ["update", "snapshot", "goodbye", "pruning"] as const)
      this.#presence.on(event, refresh);
    this.#presence.start({
      initialState: { me: this.mine.get() },
      heartbeatMs: HEARTBEAT_MS,
      peerTtlMs: PEER_TTL_MS,
    });
    this.#statusTimer = setInterval(() => this.#status(), 5_000);
    document.addEventListener("visibilitychange", this.#active);
    window.addEventListener("pointermove", this.#active, { passive: true });
    window.addEventListener("keydown", this.#active, { passive: true });
    window.addEventListener("pagehide", this.#leave);
    window.addEventListener("pageshow", this.#back);
  }

  /** Says everything again, as after a new connection. */
  announce(): void {
    if (this.#presence.running) this.#presence.broadcast("me", this.mine.get());
  }

  setWhere(where: string | null): void {
    this.#set({ where });
  }

  /** Says that the person types somewhere; it expires by itself. */
  setTyping(where: string | null): void {
    clearTimeout(this.#typingTimer);
    if (where !== null) this.#typingTimer = setTimeout(() => this.#set({ typing: null }), TYPING_FOR_MS);
    this.#set({ typing: where });
  }

  setName(name: string): void {
    this.#set({ name });
  }

  dispose(): void {
    clearTimeout(this.#typingTimer);
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
    this.announce();
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
    if (this.#presence.running) return;
    this.#presence.start({
      initialState: { me: this.mine.get() },
      heartbeatMs: HEARTBEAT_MS,
      peerTtlMs: PEER_TTL_MS,
    });
  };

  #refresh(): void {
    const peers = new Map<string, PresenceState>();
    for (const [peerId, peer] of Object.entries(this.#presence.getPeerStates().value)) {
      const state = sane(peer.value?.me);
      if (state !== null) peers.set(peerId, state);
    }
    this.peers.set(peers);
  }
}

/** Presence comes from other people's programs: only what has the right shape is believed. */
function sane(value: unknown): PresenceState | null {
  if (typeof value !== "object" || value === null) return null;
  const { identity, name, status, where, typing } = value as Record<string, unknown>;
  if (typeof identity !== "string" || identity.length > 200) return null;
  return {
    identity,
    name: typeof name === "string" ? name.slice(0, 80) : "Guest",
    status: status === "idle" || status === "away" ? status : "online",
    where: typeof where === "string" ? where.slice(0, 80) : null,
    typing: typeof typing === "string" ? typing.slice(0, 80) : null,
  };
}
