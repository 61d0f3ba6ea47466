import {
  cbor,
  type Message,
  NetworkAdapter,
  type PeerId,
  type PeerMetadata,
} from "@automerge/automerge-repo/slim";
import { type ChangesRefused, changesRefused, explain, isFinal } from "./refused/refusal";
import { Cell } from "./store";

export type Connection =
  | { readonly state: "connecting"; readonly since: number; readonly attempt: number }
  | { readonly state: "open"; readonly since: number }
  | { readonly state: "waiting"; readonly since: number; readonly attempt: number }
  | {
      readonly state: "refused";
      readonly since: number;
      readonly reason: string;
      /** Present when it was what this page wrote that the server did not take. */
      readonly changes?: ChangesRefused;
    };

/** Gives the URL of the next connection (a fresh single-use ticket each time), or says that there is no way in. */
export type Dial = () => Promise<{ readonly url: string } | { readonly refused: string }>;

const STEADY_MS = 5_000;
const READY_AFTER_MS = 1_000;
const SILENCE_MS = 10_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** The pause before attempt n (from 1): doubling with full jitter in its upper half, at most 15 s. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.max(0, attempt - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}

/**
 * Why a closed connection must not simply be tried again, or null when it may: the server would refuse the same thing
 * again and again. The codes are those of docs/protocol.md. What is about changes is `changesRefused`'s.
 */
export function refusalOf(code: number, said: string): string | null {
  const decided = /^\[AC\d+\] (.+)$/.exec(said)?.[1];
  if (decided !== undefined && code === 4403) return sentence(decided);
  const because = said === "" ? "" : ` (${said})`;
  switch (code) {
    case 4401:
      return `The server does not accept who you are${because}.`;
    case 4403:
      return `This link may not make these changes${because}.`;
    case 4404:
      return `The server does not have this room${because}.`;
    case 4405:
      return `This page and the server are of different versions${because}. Reload the page.`;
    case 4409:
      return `This page is open a second time under the same id${because}. Reload the page.`;
    default:
      return isFinal(code) ? `The server does not go on with this page${because}. Reload the page.` : null;
  }
}

/** What the server says in a clause, as a sentence. */
export function sentence(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

interface WireMessage {
  readonly type: string;
  readonly senderId: PeerId;
  readonly message?: string;
  readonly peerMetadata?: PeerMetadata;
}

/**
 * An automerge-repo network adapter for one server that asks for a new ticket before every connection. It tries again
 * with a growing, jittered pause, and at once when the browser comes online or the page is shown.
 */
export class TicketSocket extends NetworkAdapter {
  readonly connection = new Cell<Connection>({ state: "connecting", since: Date.now(), attempt: 1 });
  #socket: WebSocket | undefined;
  #remote: PeerId | undefined;
  #attempt = 0;
  /** The last `error` message of the server, which comes right before it closes. */
  #said = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = true;
  #ready = false;
  #setReady: () => void = () => {};
  readonly #readyPromise = new Promise<void>((resolve) => {
    this.#setReady = () => {
      this.#ready = true;
      resolve();
    };
  });

  constructor(private readonly dial: Dial) {
    super();
  }

  /** The peer id that the server gave at the last connection. */
  get serverPeer(): PeerId | undefined {
    return this.#remote;
  }

  isReady(): boolean {
    return this.#ready;
  }

  whenReady(): Promise<void> {
    return this.#readyPromise;
  }

  connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
    this.peerId = peerId;
    this.peerMetadata = peerMetadata ?? {};
    this.#stopped = false;
    setTimeout(this.#setReady, READY_AFTER_MS);
    window.addEventListener("online", this.#wake);
    window.addEventListener("offline", this.#offline);
    document.addEventListener("visibilitychange", this.#wake);
    void this.#open();
  }

  disconnect(): void {
    this.#stopped = true;
    window.removeEventListener("online", this.#wake);
    window.removeEventListener("offline", this.#offline);
    document.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Closes and connects again; both sides then start with fresh sync state. */
  restart(): void {
    if (this.#stopped) return;
    this.#drop();
    this.#attempt = 0;
    void this.#open();
  }

  /**
   * Never throws: automerge-repo answers a message inside the update of the document, and an error there leaves the
   * handle with an outdated document that cannot be changed any more. What is lost comes anew with the next connection.
   *
   * automerge-repo passes others' ephemeral messages on to every peer but their author. The server has them: it is where
   * they came from. Sent back they would cost each browser as much as everybody's cursors together.
   */
  send(message: Message): void {
    if (message.type === "ephemeral" && message.senderId !== this.peerId) return;
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#remote === undefined) return;
    this.#socket.send(bufferOf(cbor.encode(message)));
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#socket !== undefined) return;
    this.#attempt++;
    const attempt = this.#attempt;
    this.connection.set({ state: "connecting", since: Date.now(), attempt });
    let dialled: Awaited<ReturnType<Dial>>;
    try {
      dialled = await this.dial();
    } catch {
      if (attempt === this.#attempt) this.#retry();
      return;
    }
    if (this.#stopped || attempt !== this.#attempt || this.#socket !== undefined) return;
    if ("refused" in dialled) {
      this.#refuse(dialled.refused);
      return;
    }
    const socket = new WebSocket(dialled.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), SILENCE_MS);
    socket.addEventListener("open", () => {
      socket.send(
        bufferOf(
          cbor.encode({
            type: "join",
            senderId: this.peerId,
            peerMetadata: this.peerMetadata,
            supportedProtocolVersions: ["1"],
          }),
        ),
      );
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#receive(event.data as ArrayBuffer);
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.#socket) return;
      // A connection that breaks again and again right after it opened is no success that ends the backing off.
      const { state, since } = this.connection.get();
      if (state === "open" && Date.now() - since >= STEADY_MS) this.#attempt = 0;
      this.#drop();
      const said = this.#said || event.reason;
      const changes = changesRefused(event.code, said);
      const refusal = changes === null ? refusalOf(event.code, said) : explain(changes);
      if (refusal !== null) this.#refuse(refusal, changes ?? undefined);
      else this.#retry();
    });
  }

  #receive(data: ArrayBuffer): void {
    let message: WireMessage;
    try {
      message = cbor.decode(new Uint8Array(data)) as WireMessage;
    } catch {
      return;
    }
    if (message.type === "peer") {
      clearTimeout(this.#timer);
      this.#said = "";
      this.#remote = message.senderId;
      this.#setReady();
      this.connection.set({ state: "open", since: Date.now() });
      this.emit("peer-candidate", {
        peerId: message.senderId,
        peerMetadata: message.peerMetadata ?? {},
      });
    } else if (message.type === "error") {
      this.#said = (message.message ?? "").slice(0, 200);
    } else {
      this.emit("message", message as unknown as Message);
    }
  }

  /** Nothing is tried again from here on: neither a timer nor the network's return opens a refused connection. */
  #refuse(reason: string, changes?: ChangesRefused): void {
    clearTimeout(this.#timer);
    const refused = { state: "refused", since: Date.now(), reason } as const;
    this.connection.set(changes === undefined ? refused : { ...refused, changes });
  }

  #retry(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.connection.set({ state: "waiting", since: Date.now(), attempt: this.#attempt });
    this.#timer = setTimeout(() => void this.#open(), backoff(this.#attempt, Math.random()));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#timer);
    socket?.close();
    if (this.#remote !== undefined) {
      const peerId = this.#remote;
      this.#remote = undefined;
      this.emit("peer-disconnected", { peerId });
    }
  }

  readonly #wake = (): void => {
    if (document.visibilityState === "hidden") return;
    if (this.connection.get().state !== "waiting") return;
    this.#attempt = 0;
    void this.#open();
  };

  /** The browser knows that the network is gone long before a socket notices. */
  readonly #offline = (): void => {
    if (this.#socket === undefined) return;
    this.#drop();
    this.#retry();
  };
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
