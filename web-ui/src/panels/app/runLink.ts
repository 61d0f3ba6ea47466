import { type FromFrame, MESSAGE_LIMITS, RateLimit, readMessage, type ToFrame } from "../../run/messages";

/** An app that answers no ping for this time is shown as not responding. */
export const SILENT_MS = 4_000;
export const PING_EVERY_MS = 1_000;
/**
 * An app that sent this many messages above the limit is stopped. Even a message that is dropped takes time of the page.
 */
export const FLOOD = 20_000;

interface Receiver {
  readonly onMessage: (message: FromFrame) => void;
  /** Called when the app stops answering pings (true) and when it answers again (false). */
  readonly onSilent: (silent: boolean) => void;
  /** Called with the number of messages that were dropped so far. */
  readonly onDropped: (count: number) => void;
  /** Called once, when the number of dropped messages requires that the app is stopped. */
  readonly onFlood: () => void;
}

type Port = Pick<MessagePort, "postMessage" | "close" | "onmessage">;

/** The page's end of the port to one running app: validates and limits its messages, and notices when it hangs. */
export class RunLink {
  readonly #rate: RateLimit;
  /** The times of the pings without an answer, by their ids, oldest first. */
  readonly #unanswered = new Map<number, number>();
  #pings = 0;
  #silent = false;
  #dropped = 0;
  #droppedShown = 0;

  constructor(
    private readonly port: Port,
    private readonly receiver: Receiver,
    private readonly now: () => number,
  ) {
    this.#rate = new RateLimit(MESSAGE_LIMITS.perSecond, now());
    port.onmessage = ({ data }) => this.#receive(data);
  }

  /** Sends a ping, checks earlier pings, and tells dropped messages. Call it about once a second. */
  tick(): void {
    const [oldest] = this.#unanswered.values();
    this.#setSilent(oldest !== undefined && this.now() - oldest >= SILENT_MS);
    if (this.#dropped > this.#droppedShown) this.receiver.onDropped(this.#dropped);
    this.#droppedShown = this.#dropped;
    this.#pings += 1;
    this.#unanswered.set(this.#pings, this.now());
    this.#send({ type: "ping", id: this.#pings });
  }

  sendState(key: string, json: string | null): void {
    this.#send({ type: "state", key, json });
  }

  close(): void {
    this.port.onmessage = null;
    this.port.close();
  }

  #send(message: ToFrame): void {
    this.port.postMessage(message);
  }

  #receive(data: unknown): void {
    const message = readMessage(data);
    if (message?.type === "pong" && this.#unanswered.has(message.id)) {
      for (const id of [...this.#unanswered.keys()]) if (id <= message.id) this.#unanswered.delete(id);
      this.#setSilent(false);
      return;
    }
    if (message !== null && message.type !== "pong" && this.#rate.take(this.now()))
      this.receiver.onMessage(message);
    else this.#drop();
  }

  #drop(): void {
    this.#dropped += 1;
    if (this.#dropped < FLOOD) return;
    this.close();
    this.receiver.onFlood();
  }

  #setSilent(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.receiver.onSilent(silent);
  }
}
