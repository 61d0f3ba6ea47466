import {
  cbor,
  type Message,
  NetworkAdapter,
  type PeerId,
  type PeerMetadata,
} from "@automerge/automerge-repo/slim";
import { withBase } from "../page/base";
import { withTimeout } from "../page/timeout";
import { roomTexts } from "../texts";
import { Liveness, type Step } from "./liveness";
import { type ChangeRefusal, changeRefusalOf, explainRefusal, isFinal } from "./refused/refusal";
import { beginning } from "./schema/scalars";
import { Cell } from "./store";

interface DialState {
  readonly since: number;
  readonly attempt: number;
  /** Whether the server answers HTTP requests while the WebSocket repeatedly fails to open. */
  readonly blocked?: boolean;
  /** The time of the server's last answer, if the previous connection was abandoned as dead. */
  readonly silentSince?: number;
}

export type Connection =
  | ({ readonly state: "connecting" | "waiting" } & DialState)
  | { readonly state: "open"; readonly since: number }
  | {
      readonly state: "refused";
      readonly since: number;
      readonly reason: string;
      /** Present if the server refused changes of this page. */
      readonly refusal?: ChangeRefusal;
    };

/**
 * Gets the URL of the next connection, which contains a new single-use ticket, or the reason why no connection is
 * allowed. Its requests are aborted at the limit, so that no later attempt waits for a hanging request.
 */
export type Dial = (limitMs: number) => Promise<{ readonly url: string } | { readonly refused: string }>;

/** A connection that was open for this time counts as stable: the next attempt needs no pause. */
const STABLE_MS = 5_000;
/** After this time the adapter counts as ready even without a connection, so that a room also opens offline. */
const READY_AFTER_MS = 1_000;
/**
 * The time limit of `Dial`, which makes up to three requests. Then the attempt has failed. The limit doubles with each
 * attempt: the browser may send the first requests over pooled connections that are as dead as the previous WebSocket.
 */
const DIAL_MS_MIN = 3_000;
const DIAL_MS_MAX = 12_000;
/** The extra time after the limit, in which the requests of `Dial` are aborted. */
const DIAL_GRACE_MS = 250;
/** The time limit from opening the WebSocket to the server's answer to `join`. Then the attempt has failed. */
const HANDSHAKE_MS = 10_000;
/** A dial that is older than this starts again when the page is shown or the network changes. */
const STALE_DIAL_MS = 3_000;
const TICK_MS = 1_000;
/**
 * The time that a late pong gets after the pong was missed. Meanwhile `closeDeadConnections` runs for the same time.
 */
const VERIFY_MS = 1_000;
/** The number of pooled HTTP connections that browsers keep to one host. */
const POOLED_CONNECTIONS = 6;
/** The number of consecutive WebSocket failures, with working HTTP requests, after which `blocked` is set. */
const BLOCKED_AFTER = 2;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** The pause before the given attempt (from 1): it doubles up to 15 s, and its upper half is random. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.max(0, attempt - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}

/**
 * The reason why a closed connection must not be opened again, or null if it may be. After a final code the server
 * would refuse the same attempt again. The codes are those of docs/protocol.md. `changeRefusalOf` handles refused
 * changes.
 */
export function noRetryReason(code: number, message: string): string | null {
  const hostDecision = /^\[AC\d+\] (.+)$/.exec(message)?.[1];
  if (hostDecision !== undefined && code === 4403) return toSentence(hostDecision);
  const detail = message === "" ? "" : ` (${message})`;
  switch (code) {
    case 4401:
      return roomTexts.serverNotAccept(detail);
    case 4403:
      return roomTexts.linkMayNotMakeChanges(detail);
    case 4404:
      return roomTexts.serverNotRoom(detail);
    case 4405:
      return roomTexts.pageServerDifferentVersions(detail);
    case 4409:
      return roomTexts.pageOpenSecondTimeUnder(detail);
    default:
      return isFinal(code) ? roomTexts.serverRefusesPageReloadPage(detail) : null;
  }
}

/** Turns a clause from the server into a sentence: with a capital at the start and a full stop. */
export function toSentence(clause: string): string {
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

/** The events after which the connection is checked: the page is shown again, or the network changed. */
const WAKE_EVENTS = [
  [() => window, ["online", "pageshow", "focus"]],
  [() => document, ["visibilitychange", "resume"]],
  [() => (navigator as { connection?: EventTarget }).connection, ["change"]],
] as const;

/**
 * An automerge-repo network adapter for one server. It requests a new ticket before every connection. It reconnects
 * after a growing, jittered pause, and at once when the page is shown or the network changes. It abandons a connection
 * that no longer answers (liveness.ts), and every step of connecting has a time limit.
 */
export class TicketSocket extends NetworkAdapter {
  readonly connection = new Cell<Connection>({ state: "connecting", since: Date.now(), attempt: 1 });
  /** Whether a pong is missing for so long that the open connection may be dead. */
  readonly suspected = new Cell(false);
  /** Whether the server has sent a message of the document on this connection. */
  readonly synced = new Cell(false);
  #socket: WebSocket | undefined;
  #serverPeerId: PeerId | undefined;
  #liveness: Liveness | null = null;
  #attempt = 0;
  /** Identifies the current dial, so that the result of an earlier dial is not used. */
  #currentDial: object | null = null;
  /** The server's last `error` message. The server sends it right before it closes the connection. */
  #errorMessage = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Consecutive attempts that failed after the server had given a ticket. */
  #handshakesFailed = 0;
  /** Consecutive connections that ended before the server's first message of the document. */
  #connectionsWithoutDocument = 0;
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
    return this.#serverPeerId;
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
    for (const [target, events] of WAKE_EVENTS)
      for (const event of events) target()?.addEventListener(event, this.#onWake);
    window.addEventListener("offline", this.#onOffline);
    void this.#open();
  }

  disconnect(): void {
    this.#stopped = true;
    for (const [target, events] of WAKE_EVENTS)
      for (const event of events) target()?.removeEventListener(event, this.#onWake);
    window.removeEventListener("offline", this.#onOffline);
    clearTimeout(this.#timer);
    this.#closeSocket();
  }

  /** Closes the connection and opens a new one, so that both sides start with new sync state. */
  restart(): void {
    if (this.#stopped) return;
    this.#closeSocket();
    this.#attempt = 0;
    void this.#open();
  }

  /**
   * Never throws. automerge-repo sends from inside an update of the document. An error there would leave the handle
   * with an outdated document that cannot be changed any more. Lost messages are sent again on the next connection.
   *
   * Drops ephemeral messages of other peers. automerge-repo would forward them to the server, which has sent them. That
   * traffic would be as large as the cursors of all people together.
   */
  send(message: Message): void {
    if (message.type === "ephemeral" && message.senderId !== this.peerId) return;
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#serverPeerId === undefined) return;
    const bytes = bufferOf(cbor.encode(message));
    this.#socket.send(bytes);
    if (message.type !== "ephemeral") this.#liveness?.sent(bytes.byteLength, Date.now());
  }

  async #open(silentSince?: number): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#socket !== undefined) return;
    this.#attempt++;
    const thisDial = {};
    this.#currentDial = thisDial;
    this.#setDialState("connecting", silentSince);
    let result: Awaited<ReturnType<Dial>>;
    const limitMs = this.#dialMs;
    const startedAt = Date.now();
    try {
      result = await withTimeout(limitMs + DIAL_GRACE_MS, this.dial(limitMs), "the request for a ticket");
    } catch {
      if (Date.now() - startedAt >= limitMs) await closeDeadConnections();
      if (thisDial === this.#currentDial) {
        this.#handshakesFailed = 0;
        this.#retry();
      }
      return;
    }
    if (this.#stopped || thisDial !== this.#currentDial || this.#socket !== undefined) return;
    if ("refused" in result) {
      this.#refuse(result.refused);
      return;
    }
    const socket = new WebSocket(result.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    // The `close` event of a dead connection may come much later, so this does not wait for it.
    this.#timer = setTimeout(() => this.#onEnd(socket), HANDSHAKE_MS);
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
    socket.addEventListener("close", (event) => this.#onEnd(socket, event));
  }

  get #dialMs(): number {
    return Math.min(DIAL_MS_MAX, DIAL_MS_MIN * 2 ** Math.min(8, this.#attempt - 1));
  }

  /** Handles the end of a connection: closed by either side, or not opened in time (then without an event). */
  #onEnd(socket: WebSocket, event?: CloseEvent): void {
    if (socket !== this.#socket) return;
    // Only a stable connection resets the pause: a connection that breaks right after it opened does not.
    const { state, since } = this.connection.get();
    if (state === "open" && Date.now() - since >= STABLE_MS) this.#attempt = 0;
    if (state !== "open") this.#handshakesFailed++;
    this.#closeSocket();
    const message = this.#errorMessage || (event?.reason ?? "");
    const refusal = event === undefined ? null : changeRefusalOf(event.code, message);
    const reason = refusal === null ? noRetryReason(event?.code ?? 1006, message) : explainRefusal(refusal);
    if (reason !== null) this.#refuse(reason, refusal ?? undefined);
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
        this.#onPeerMessage(message);
        break;
      case "pong":
        if (this.#liveness?.pong(message.count, Date.now())) this.suspected.set(false);
        break;
      case "error":
        this.#errorMessage = beginning(message.message ?? "", 200);
        break;
      default:
        this.emit("message", message as unknown as Message);
        if (message.type !== "ephemeral") this.#onDocumentMessage();
    }
  }

  #onPeerMessage(message: WireMessage): void {
    clearTimeout(this.#timer);
    this.#errorMessage = "";
    this.#handshakesFailed = 0;
    this.#serverPeerId = message.senderId;
    this.#liveness = new Liveness(Date.now(), this.#connectionsWithoutDocument);
    this.#ticking = setInterval(() => {
      const shown = document.visibilityState !== "hidden";
      this.#check((liveness) => liveness.tick(Date.now(), shown));
    }, TICK_MS);
    this.#setReady();
    this.connection.set({ state: "open", since: Date.now() });
    this.emit("peer-candidate", {
      peerId: message.senderId,
      peerMetadata: message.peerMetadata ?? {},
    });
  }

  #onDocumentMessage(): void {
    this.#liveness?.received(Date.now());
    this.#connectionsWithoutDocument = 0;
    this.synced.set(true);
  }

  #check(decide: (liveness: Liveness) => Step): void {
    const liveness = this.#liveness;
    if (liveness === null) return;
    const step = decide(liveness);
    if (step.do === "ping" && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(bufferOf(cbor.encode({ type: "ping", senderId: this.peerId, count: step.count })));
    }
    this.suspected.set(liveness.suspected(Date.now()));
    if (step.do === "verify") void this.#verify(liveness);
  }

  /**
   * No pong came in time. After the computer slept, a pong may still be on its way or wait to be read. So this waits a
   * second more, by a clock that does not jump, and then abandons the connection.
   */
  async #verify(liveness: Liveness): Promise<void> {
    const { missedPongs } = liveness;
    await Promise.all([closeDeadConnections(), pause(VERIFY_MS)]);
    const unchanged = liveness === this.#liveness && liveness.missedPongs === missedPongs;
    if (!unchanged || !liveness.presumedDead) return;
    if (liveness.awaitsFirstMessage) this.#connectionsWithoutDocument++;
    const stable = Date.now() - this.connection.get().since >= STABLE_MS;
    const silentSince = liveness.lastPong;
    this.#closeSocket();
    if (stable && this.#connectionsWithoutDocument === 0) {
      this.#attempt = 0;
      void this.#open(silentSince);
    } else {
      this.#retry(silentSince);
    }
  }

  /** Stops all attempts: neither a timer nor a wake event opens a refused connection. */
  #refuse(reason: string, refusal?: ChangeRefusal): void {
    clearTimeout(this.#timer);
    this.#currentDial = null;
    const refused = { state: "refused", since: Date.now(), reason } as const;
    this.connection.set(refusal === undefined ? refused : { ...refused, refusal });
  }

  #retry(silentSince?: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#currentDial = null;
    this.#setDialState("waiting", silentSince);
    this.#timer = setTimeout(() => void this.#open(), backoff(this.#attempt, Math.random()));
  }

  #setDialState(state: "connecting" | "waiting", silentSince?: number): void {
    this.connection.set({
      state,
      since: Date.now(),
      attempt: this.#attempt,
      ...(this.#handshakesFailed >= BLOCKED_AFTER && { blocked: true }),
      ...(silentSince !== undefined && { silentSince }),
    });
  }

  #closeSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#currentDial = null;
    this.#liveness = null;
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    socket?.close();
    this.suspected.set(false);
    this.synced.set(false);
    if (this.#serverPeerId !== undefined) {
      const peerId = this.#serverPeerId;
      this.#serverPeerId = undefined;
      this.emit("peer-disconnected", { peerId });
    }
  }

  readonly #onWake = (): void => {
    if (document.visibilityState === "hidden") return;
    const { state, since } = this.connection.get();
    if (state === "open") {
      this.#check((liveness) => liveness.wake(Date.now()));
      return;
    }
    const stale = state === "connecting" && Math.abs(Date.now() - since) >= STALE_DIAL_MS;
    if (state !== "waiting" && !stale) return;
    this.#closeSocket();
    this.#attempt = 0;
    void this.#open();
  };

  /** The network is gone. The browser reports this long before the socket closes. */
  readonly #onOffline = (): void => {
    if (this.#socket === undefined) return;
    this.#closeSocket();
    this.#retry();
  };
}

/** Waits by the scheduler's clock if the browser has one. `setTimeout` fires at once after the computer slept. */
function pause(ms: number): Promise<unknown> {
  const { scheduler } = globalThis as {
    scheduler?: { postTask?(task: () => void, options: { delay: number }): Promise<unknown> };
  };
  return (
    scheduler?.postTask?.(() => undefined, { delay: ms }) ?? new Promise((resolve) => setTimeout(resolve, ms))
  );
}

/**
 * Makes as many requests as the browser has pooled connections to the server, and aborts them after a second. The
 * browser closes a dead connection with its request, so the next dial uses working connections only.
 */
async function closeDeadConnections(): Promise<void> {
  const signal = AbortSignal.timeout(VERIFY_MS);
  const requests = Array.from({ length: POOLED_CONNECTIONS }, () =>
    fetch(withBase("/health/live"), { cache: "no-store", signal }),
  );
  await Promise.allSettled(requests);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
