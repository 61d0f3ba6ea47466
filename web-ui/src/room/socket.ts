import {
  cbor,
  type Message,
  NetworkAdapter,
  type PeerId,
  type PeerMetadata,
} from "@automerge/automerge-repo/slim";
import { within } from "../page/limit";
import { Liveness, type Step } from "./liveness";
import { type ChangesRefused, changesRefused, explain, isFinal } from "./refused/refusal";
import { beginning } from "./schema/scalars";
import { Cell } from "./store";

interface Dialling {
  readonly since: number;
  readonly attempt: number;
  /** The server answers requests, but the connection to it fails to open: more than once in a row. */
  readonly blocked?: boolean;
  /** When the server last answered, if a silent connection was abandoned. */
  readonly silentSince?: number;
}

export type Connection =
  | ({ readonly state: "connecting" | "waiting" } & Dialling)
  | { readonly state: "open"; readonly since: number }
  | {
      readonly state: "refused";
      readonly since: number;
      readonly reason: string;
      /** Present if the server rejected changes of this page. */
      readonly changes?: ChangesRefused;
    };

/**
 * Gives the URL of the next connection (a fresh single-use ticket each time), or the reason why no connection is
 * possible. Its requests end at the limit, so that no later attempt shares a hanging one.
 */
export type Dial = (limitMs: number) => Promise<{ readonly url: string } | { readonly refused: string }>;

const STEADY_MS = 5_000;
const READY_AFTER_MS = 1_000;
/**
 * The limit for `Dial`, up to three requests. After it the attempt has failed. The limit doubles with each attempt: the
 * browser may send the first requests over kept connections that are as dead as the previous one.
 */
const DIAL_MS_MIN = 3_000;
const DIAL_MS_MAX = 12_000;
/** The time that requests get to end after their limit. */
const DIAL_GRACE_MS = 250;
/** The limit from the request for a WebSocket to the server's answer to `join`. After it the attempt has failed. */
const HANDSHAKE_MS = 10_000;
/** An older dial starts again when the page is shown or the network changes. */
const STALE_DIAL_MS = 3_000;
const TICK_MS = 1_000;
/**
 * The time that the network gets after a missed pong, which is also the time in which requests get dead connections
 * closed.
 */
const CONFIRM_MS = 1_000;
/** The number of connections that browsers keep to one host. */
const KEPT_CONNECTIONS = 6;
/** The number of failures of the connection alone before the page says that something blocks it. */
const BLOCKED_AFTER = 2;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** The pause before attempt n (from 1): doubling with full jitter in its upper half, at most 15 s. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.max(0, attempt - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}

/**
 * The reason why a closed connection must not simply be retried, or null if it may: the server would refuse the same
 * attempt again and again. The codes are those of docs/protocol.md. `changesRefused` handles refused changes.
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

/** Turns the server's clause into a sentence. */
export function sentence(clause: string): string {
  const text = clause.charAt(0).toUpperCase() + clause.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

interface WireMessage {
  readonly type: string;
  readonly senderId: PeerId;
  readonly message?: string;
  readonly count?: number;
  readonly peerMetadata?: PeerMetadata;
}

/** Events upon which a connection is checked: the page is shown again, or the network changed. */
const WAKING = [
  [() => window, ["online", "pageshow", "focus"]],
  [() => document, ["visibilitychange", "resume"]],
  [() => (navigator as { connection?: EventTarget }).connection, ["change"]],
] as const;

/**
 * An automerge-repo network adapter for one server. It asks for a new ticket before every connection. It retries with a
 * growing, jittered pause, and at once when the page is shown or the network changes. It notices a connection that
 * swallows bytes (liveness.ts), and every step of dialling has a limit.
 */
export class TicketSocket extends NetworkAdapter {
  readonly connection = new Cell<Connection>({ state: "connecting", since: Date.now(), attempt: 1 });
  /** A sign of life is overdue on the open connection. */
  readonly doubted = new Cell(false);
  /** Whether the server has sent its heads of the room on this connection. */
  readonly synced = new Cell(false);
  #socket: WebSocket | undefined;
  #remote: PeerId | undefined;
  #liveness: Liveness | null = null;
  #attempt = 0;
  /** The current dial. Results of an earlier dial are not used. */
  #dialling: object | null = null;
  /** The last `error` message of the server, which comes right before it closes. */
  #said = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Consecutive attempts that failed after the server had given a ticket. */
  #handshakesFailed = 0;
  /** Consecutive connections that ended before the server's first message of the document. */
  #firstsFailed = 0;
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

  /** The server's peer id at the last connection. */
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
    for (const [target, events] of WAKING)
      for (const event of events) target()?.addEventListener(event, this.#wake);
    window.addEventListener("offline", this.#offline);
    void this.#open();
  }

  disconnect(): void {
    this.#stopped = true;
    for (const [target, events] of WAKING)
      for (const event of events) target()?.removeEventListener(event, this.#wake);
    window.removeEventListener("offline", this.#offline);
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
   * handle with an outdated document that cannot be changed any more. Lost messages are sent again on the next
   * connection.
   *
   * automerge-repo forwards others' ephemeral messages to every peer but their author. The server already has them,
   * since it sent them. Returning them would cost each browser as much as all people's cursors together.
   */
  send(message: Message): void {
    if (message.type === "ephemeral" && message.senderId !== this.peerId) return;
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#remote === undefined) return;
    const bytes = bufferOf(cbor.encode(message));
    this.#socket.send(bytes);
    if (message.type !== "ephemeral") this.#liveness?.sent(bytes.byteLength, Date.now());
  }

  async #open(silentSince?: number): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#socket !== undefined) return;
    this.#attempt++;
    const mine = {};
    this.#dialling = mine;
    this.#setDialling("connecting", silentSince);
    let dialled: Awaited<ReturnType<Dial>>;
    const limitMs = this.#dialMs;
    const began = Date.now();
    try {
      dialled = await within(limitMs + DIAL_GRACE_MS, this.dial(limitMs), "asking for a ticket");
    } catch {
      if (Date.now() - began >= limitMs) await closeDeadConnections();
      if (mine === this.#dialling) {
        this.#handshakesFailed = 0;
        this.#retry();
      }
      return;
    }
    if (this.#stopped || mine !== this.#dialling || this.#socket !== undefined) return;
    if ("refused" in dialled) {
      this.#refuse(dialled.refused);
      return;
    }
    const socket = new WebSocket(dialled.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    // A dead connection does not answer a close either: do not wait for its `close` event.
    this.#timer = setTimeout(() => this.#ended(socket), HANDSHAKE_MS);
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
    socket.addEventListener("close", (event) => this.#ended(socket, event));
  }

  get #dialMs(): number {
    return Math.min(DIAL_MS_MAX, DIAL_MS_MIN * 2 ** Math.min(8, this.#attempt - 1));
  }

  /** The connection is over: closed by either side, or not opened in time. */
  #ended(socket: WebSocket, event?: CloseEvent): void {
    if (socket !== this.#socket) return;
    // A connection that keeps breaking right after it opened does not reset the pause.
    const { state, since } = this.connection.get();
    if (state === "open" && Date.now() - since >= STEADY_MS) this.#attempt = 0;
    if (state !== "open") this.#handshakesFailed++;
    this.#drop();
    const said = this.#said || (event?.reason ?? "");
    const changes = event === undefined ? null : changesRefused(event.code, said);
    const refusal = changes === null ? refusalOf(event?.code ?? 1006, said) : explain(changes);
    if (refusal !== null) this.#refuse(refusal, changes ?? undefined);
    else this.#retry();
  }

  #receive(data: ArrayBuffer): void {
    let message: WireMessage;
    try {
      message = cbor.decode(new Uint8Array(data)) as WireMessage;
    } catch {
      return;
    }
    switch (message.type) {
      case "peer":
        this.#joined(message);
        break;
      case "pong":
        if (this.#liveness?.pong(message.count, Date.now())) this.doubted.set(false);
        break;
      case "error":
        this.#said = beginning(message.message ?? "", 200);
        break;
      default:
        this.emit("message", message as unknown as Message);
        if (message.type !== "ephemeral") this.#heardOfDocument();
    }
  }

  #joined(message: WireMessage): void {
    clearTimeout(this.#timer);
    this.#said = "";
    this.#handshakesFailed = 0;
    this.#remote = message.senderId;
    this.#liveness = new Liveness(Date.now(), this.#firstsFailed);
    this.#ticking = setInterval(() => {
      const shown = document.visibilityState !== "hidden";
      this.#step((liveness) => liveness.tick(Date.now(), shown));
    }, TICK_MS);
    this.#setReady();
    this.connection.set({ state: "open", since: Date.now() });
    this.emit("peer-candidate", {
      peerId: message.senderId,
      peerMetadata: message.peerMetadata ?? {},
    });
  }

  #heardOfDocument(): void {
    this.#liveness?.received(Date.now());
    this.#firstsFailed = 0;
    this.synced.set(true);
  }

  #step(decide: (liveness: Liveness) => Step): void {
    const liveness = this.#liveness;
    if (liveness === null) return;
    const step = decide(liveness);
    if (step.do === "ping" && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(bufferOf(cbor.encode({ type: "ping", senderId: this.peerId, count: step.count })));
    }
    this.doubted.set(liveness.doubted(Date.now()));
    if (step.do === "confirm") void this.#confirm(liveness);
  }

  /**
   * No pong came in time. After a jump of time, a pong may be on its way or wait to be read: the network gets a second
   * more, by a clock that does not jump. Then the connection is abandoned.
   */
  async #confirm(liveness: Liveness): Promise<void> {
    const { confirmations } = liveness;
    await Promise.all([closeDeadConnections(), pause(CONFIRM_MS)]);
    const same = liveness === this.#liveness && liveness.confirmations === confirmations;
    if (!same || !liveness.givenUp) return;
    if (liveness.first) this.#firstsFailed++;
    const steady = Date.now() - this.connection.get().since >= STEADY_MS;
    const silentSince = liveness.lastPong;
    this.#drop();
    if (steady && this.#firstsFailed === 0) {
      this.#attempt = 0;
      void this.#open(silentSince);
    } else {
      this.#retry(silentSince);
    }
  }

  /** Stops all retries: neither a timer nor the network's return opens a refused connection. */
  #refuse(reason: string, changes?: ChangesRefused): void {
    clearTimeout(this.#timer);
    this.#dialling = null;
    const refused = { state: "refused", since: Date.now(), reason } as const;
    this.connection.set(changes === undefined ? refused : { ...refused, changes });
  }

  #retry(silentSince?: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#dialling = null;
    this.#setDialling("waiting", silentSince);
    this.#timer = setTimeout(() => void this.#open(), backoff(this.#attempt, Math.random()));
  }

  #setDialling(state: "connecting" | "waiting", silentSince?: number): void {
    this.connection.set({
      state,
      since: Date.now(),
      attempt: this.#attempt,
      ...(this.#handshakesFailed >= BLOCKED_AFTER && { blocked: true }),
      ...(silentSince !== undefined && { silentSince }),
    });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#dialling = null;
    this.#liveness = null;
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    socket?.close();
    this.doubted.set(false);
    this.synced.set(false);
    if (this.#remote !== undefined) {
      const peerId = this.#remote;
      this.#remote = undefined;
      this.emit("peer-disconnected", { peerId });
    }
  }

  readonly #wake = (): void => {
    if (document.visibilityState === "hidden") return;
    const { state, since } = this.connection.get();
    if (state === "open") {
      this.#step((liveness) => liveness.wake(Date.now()));
      return;
    }
    const stale = state === "connecting" && Math.abs(Date.now() - since) >= STALE_DIAL_MS;
    if (state !== "waiting" && !stale) return;
    this.#drop();
    this.#attempt = 0;
    void this.#open();
  };

  /** The browser learns that the network is gone long before a socket does. */
  readonly #offline = (): void => {
    if (this.#socket === undefined) return;
    this.#drop();
    this.#retry();
  };
}

/** Uses the scheduler's clock if the browser has one: all timers of a page that slept fire at once. */
function pause(ms: number): Promise<unknown> {
  const { scheduler } = globalThis as {
    scheduler?: { postTask?(task: () => void, options: { delay: number }): Promise<unknown> };
  };
  return (
    scheduler?.postTask?.(() => undefined, { delay: ms }) ?? new Promise((resolve) => setTimeout(resolve, ms))
  );
}

/**
 * Makes as many requests as the browser keeps connections, for a second. A dead kept connection is closed with its
 * request, and the next dial then uses only living connections.
 */
async function closeDeadConnections(): Promise<void> {
  const signal = AbortSignal.timeout(CONFIRM_MS);
  const requests = Array.from({ length: KEPT_CONNECTIONS }, () =>
    fetch("/health/live", { cache: "no-store", signal }),
  );
  await Promise.allSettled(requests);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
