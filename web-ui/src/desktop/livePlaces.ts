import type { Place, RoomSession } from "../room";
import { Cell } from "../room/store";

const SEND_EVERY_MS = 34;
const EXPIRE_MS = 1_500;
const MESSAGE_TYPE = "parlor-window";

/**
 * The places of windows that other people are dragging now. A drag becomes one change of the document at its end. Until
 * then, its places are sent as ephemeral messages, at most 30 a second and only if another person is present.
 */
export class LivePlaces {
  readonly places = new Cell<ReadonlyMap<string, Place>>(new Map());
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #stop: () => void;
  #sentAt = 0;
  #toSend: { readonly id: string; readonly place: Place } | null = null;
  #sending: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly room: RoomSession) {
    this.#stop = room.onBroadcast((_, message) => this.#receive(message));
  }

  dispose(): void {
    this.#stop();
    clearTimeout(this.#sending);
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Sends the place to which this person is dragging a window. Of places that come too fast, the last is sent. */
  send(id: string, place: Place): void {
    if (this.room.presence.peers.get().size === 0) return;
    this.#toSend = { id, place };
    const wait = this.#sentAt + SEND_EVERY_MS - performance.now();
    clearTimeout(this.#sending);
    if (wait <= 0) this.#sendLast();
    else this.#sending = setTimeout(() => this.#sendLast(), wait);
  }

  /** Ends the sending of a drag: a place that waits would otherwise arrive after the document's place. */
  sendEnded(): void {
    clearTimeout(this.#sending);
    this.#toSend = null;
  }

  #sendLast(): void {
    if (this.#toSend === null) return;
    const { id, place } = this.#toSend;
    this.#toSend = null;
    this.#sentAt = performance.now();
    this.room.broadcast({ type: MESSAGE_TYPE, id, ...place });
  }

  /** Forgets a window's place, for example when its new place has arrived with the document. */
  forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (!this.places.get().has(id)) return;
    const next = new Map(this.places.get());
    next.delete(id);
    this.places.set(next);
  }

  #receive(message: unknown): void {
    if (typeof message !== "object" || message === null) return;
    const { type, id, x, y, width, height } = message as Record<string, unknown>;
    if (type !== MESSAGE_TYPE || typeof id !== "string") return;
    const place = { x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
    if (!Object.values(place).every(Number.isFinite)) return;
    this.places.set(new Map(this.places.get()).set(id, place));
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => this.forget(id), EXPIRE_MS),
    );
  }
}
