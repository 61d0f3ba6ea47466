import {
  type AutomergeUrl,
  type DocHandle,
  type DocHandleEphemeralMessagePayload,
  type PeerId,
  Repo,
} from "@automerge/automerge-repo/slim";
import { BroadcastChannelNetworkAdapter } from "@automerge/automerge-repo-network-broadcastchannel";
import { roomTexts } from "../texts";
import { WindowActivity } from "./activity";
import { ApiProblem, RoomApi } from "./api";
import { Calls } from "./calls";
import { serverTime } from "./clock";
import { type Authorship, type Command, RoomIncomplete, type UndoStep } from "./commands";
import { credentialOf } from "./credential";
import { randomBytes, uuid7 } from "./ids";
import { joinedTextNotice, joinedTextOf } from "./joinedText";
import { keepHistory, restoreHistory, tabStorage } from "./keptHistory";
import { LiveAnswers } from "./live";
import type { OwnIdentity, RoomRecord } from "./memory";
import { OwnWindows } from "./ownWindows";
import { failedHere, offHere, stateOf } from "./parts";
import { RoomPresence } from "./presence";
import { RoomTabs } from "./refused/tabs";
import { RoomPeople } from "./roomPeople";
import type { Role, RoomDoc } from "./schema/document";
import type { Part } from "./schema/parts";
import { readSettings } from "./schema/read";
import { serverCondition } from "./serverCondition";
import { type Dial, TicketSocket, toSentence } from "./socket";
import { LocalStorage } from "./storage";
import { Cell, derivedSource, documentSource, partOf, type Source } from "./store";
import { SyncTracker } from "./syncTracker";
import { History, type StepId, type UndoResult } from "./text/history";
import { SharedTexts } from "./text/sharedText";
import { truncationNotice, truncationOf } from "./truncation";

/** A sentence for the screen reader's status region. A new `id` makes the screen reader read an equal text again. */
export interface Announcement {
  readonly id: number;
  readonly text: string;
}

/** A short message at the bottom of the page, with at most one button. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /** The undo step that the action undoes. The notice disappears if the step is undone in another way. */
  readonly step?: StepId | undefined;
  /** Whether the notice is outdated by a change of the document. Then it disappears. */
  readonly isOutdated?: ((doc: RoomDoc) => boolean) | undefined;
}

const NO_LOCAL_COPY = roomTexts.browserCantKeepRoomChanges;

/** The time for which a notice is shown, in milliseconds. A notice with a button stays longer, so that it can be pressed. */
const NOTICE_MS = 4_000;
const OFFER_MS = 9_000;

/**
 * One open room in this page: its document, connection, people and undo history, and the methods to change it.
 * `openRoom` creates it, `dispose` closes it. Components read it with the hooks in hooks.ts.
 */
export class RoomSession {
  readonly doc: Source<RoomDoc>;
  readonly presence: RoomPresence;
  readonly people: RoomPeople;
  readonly sync: SyncTracker;
  readonly live = new LiveAnswers();
  readonly calls = new Calls();
  readonly activity: WindowActivity;
  readonly history: History;
  readonly historyVersion = new Cell(0);
  readonly texts: SharedTexts;
  /** The windows as this person sees them. */
  readonly windows: OwnWindows;
  readonly announcement = new Cell<Announcement>({ id: 0, text: "" });
  readonly notices = new Cell<readonly Notice[]>([]);
  readonly #dispose: (() => void)[] = [];
  #nextId = 1;
  #lossNotified = false;

  constructor(
    readonly record: RoomRecord,
    readonly me: OwnIdentity,
    readonly api: RoomApi,
    readonly handle: DocHandle<RoomDoc>,
    readonly socket: TicketSocket,
    private readonly repo: Repo,
    private readonly storage: LocalStorage,
    private readonly tabs: RoomTabs,
  ) {
    this.doc = documentSource(handle);
    this.presence = new RoomPresence(
      handle,
      { identity: me.identity, name: me.name },
      () => this.#isPartOn("typing"),
      openedAt(socket),
    );
    this.people = new RoomPeople(this.doc, this.presence, this.#showsTyping(), me.identity);
    this.sync = new SyncTracker(handle, socket, record.storageId, serverCondition);
    this.activity = new WindowActivity(handle);
    this.windows = new OwnWindows(this.doc, `windows.${record.slug}.${me.identity}`);
    this.history = new History({
      fields: (command) => this.change(command),
      text: (path, change) => this.texts.write(path, change),
    });
    this.texts = new SharedTexts(
      handle,
      {
        recordText: (edit) => {
          this.history.recordText(edit);
          this.#historyChanged();
        },
        rebase: (path, change) => this.history.rebase(path, change),
      },
      Date.now,
    );
    const dropUndone = (): void => this.#dropUndoneNotices();
    handle.on("change", dropUndone);
    this.#dispose.push(
      () => handle.off("change", dropUndone),
      () => this.texts.dispose(),
      () => this.windows.dispose(),
    );
    const onEphemeral = ({ senderId, message }: DocHandleEphemeralMessagePayload<RoomDoc>): void => {
      if (senderId !== socket.serverPeer) return;
      this.live.receive(message);
      this.calls.receive(message);
      const cut = truncationOf(message);
      if (cut?.by.includes(me.identity)) this.notify(truncationNotice(cut));
      const joined = joinedTextOf(message);
      if (joined !== null) this.notify(joinedTextNotice(joined, handle.doc()));
    };
    handle.on("ephemeral-message", onEphemeral);
    this.#dispose.push(
      () => handle.off("ephemeral-message", onEphemeral),
      storage.failing.subscribe(() => this.#onStorageChanged()),
      socket.connection.subscribe(() => {
        if (socket.connection.get().state === "open") this.presence.connected();
      }),
    );
    if (storage.failing.get()) this.#onStorageChanged();
    this.#restoreHistory();
    const flush = (): void => {
      this.#keepHistory();
      void repo.flush().catch(() => undefined);
    };
    window.addEventListener("pagehide", flush);
    document.addEventListener("visibilitychange", flush);
    this.#dispose.push(() => {
      window.removeEventListener("pagehide", flush);
      document.removeEventListener("visibilitychange", flush);
    });
  }

  get slug(): string {
    return this.record.slug;
  }

  get role(): RoomRecord["role"] {
    return this.record.role;
  }

  /** Whether this person may edit (host and player). */
  get canEdit(): boolean {
    return this.role !== "spectator";
  }

  /** Whether an optional part is on in this page. */
  #isPartOn(part: Part): boolean {
    return stateOf(part, readSettings(this.doc.get()).parts) === "on";
  }

  #showsTyping(): Source<boolean> {
    const settings = partOf(this.doc, (doc) => readSettings(doc).parts);
    return derivedSource([settings, offHere, failedHere], () => this.#isPartOn("typing"));
  }

  /** The author and the time of a command that is made now. */
  authorship(): Authorship {
    return { by: this.me.identity, at: serverTime() };
  }

  newId(): string {
    return uuid7();
  }

  /** Every change names its author and its time, which conflicts and the activity list show. */
  get #changeOptions(): { message: string; time: number } {
    return { message: this.me.identity, time: Math.floor(serverTime() / 1_000) };
  }

  /**
   * Applies commands as one change and one undo step. Returns the step, or null if nothing can be undone. If this
   * person may not edit, shows a notice and changes nothing.
   */
  run(...commands: readonly Command[]): StepId | null {
    if (!this.canEdit) {
      this.notify(roomTexts.linkCanOnlyView);
      return null;
    }
    const steps: UndoStep[] = [];
    this.#write((doc) => {
      for (const command of commands) {
        const step = command(doc);
        if (step !== undefined && step !== null) steps.push(step);
      }
    });
    const [first] = steps;
    if (first === undefined) return null;
    const step = this.history.record({ label: first.label, sets: steps.flatMap((each) => each.sets) });
    this.#historyChanged();
    return step;
  }

  /** Applies a command without an undo step, such as a chat message or a generation request. */
  change(command: Command): void {
    this.#write((doc) => {
      command(doc);
    });
  }

  #write(edit: (doc: RoomDoc) => void): void {
    try {
      this.handle.change((doc) => edit(doc as RoomDoc), this.#changeOptions);
    } catch (problem) {
      if (!(problem instanceof RoomIncomplete)) throw problem;
      this.notify(roomTexts.roomDamagedNothingChangedReload);
    }
  }

  undo(): UndoResult {
    return this.#report(roomTexts.undid, this.history.undo());
  }

  redo(): UndoResult {
    return this.#report(roomTexts.redid, this.history.redo());
  }

  /** Shows a notice about an undo step, with a button that undoes this step even if later steps exist. */
  notifyStep(text: string, label: string, step: StepId): void {
    this.#show({ text, action: { label, run: () => this.#undoStep(step) }, step });
  }

  /** Puts a sentence into the polite status region for screen readers. */
  announce(text: string): void {
    this.announcement.set({ id: this.#nextId++, text });
  }

  /** Shows a notice and announces it. The notice disappears after some seconds, or when it is outdated. */
  notify(text: string, action?: Notice["action"], isOutdated?: Notice["isOutdated"]): void {
    this.#show({ text, action, isOutdated });
  }

  #show(message: Omit<Notice, "id">, { untilDismissed = false } = {}): void {
    const notice: Notice = { id: this.#nextId++, ...message };
    this.notices.set([...this.notices.get().slice(-2), notice]);
    this.announce(notice.text);
    if (!untilDismissed)
      setTimeout(() => this.dismiss(notice.id), notice.action === undefined ? NOTICE_MS : OFFER_MS);
  }

  dismiss(id: number): void {
    const remaining = this.notices.get().filter((notice) => notice.id !== id);
    if (remaining.length !== this.notices.get().length) this.notices.set(remaining);
  }

  /** Sends an ephemeral message to all present peers. At most 8 KiB; the server limits the rate. */
  broadcast(message: unknown): void {
    this.handle.broadcast(message);
  }

  onBroadcast(listener: (senderId: string, message: unknown) => void): () => void {
    const onMessage = ({ senderId, message }: DocHandleEphemeralMessagePayload<RoomDoc>): void =>
      listener(senderId, message);
    this.handle.on("ephemeral-message", onMessage);
    return () => this.handle.off("ephemeral-message", onMessage);
  }

  /**
   * Drops the local copy of the room, and with it the changes that only this browser has, and reloads the page. All
   * other tabs with this room reload, too. Rejects, and drops nothing, if the server does not answer or another tab
   * stays open.
   */
  async discardLocalChanges(): Promise<void> {
    await this.api.export("automerge");
    await this.tabs.runExclusively(() => this.storage.drop(this.record.documentId));
    window.location.reload();
  }

  dispose(): void {
    this.#keepHistory();
    this.presence.dispose();
    this.sync.dispose();
    for (const stop of this.#dispose) stop();
    void this.repo
      .flush()
      .catch(() => undefined)
      .then(() => this.repo.shutdown())
      .catch(() => undefined)
      .finally(() => this.tabs.dispose());
  }

  /** Passes on whether this browser stores the document. The first time that it does not, shows a notice. */
  #onStorageChanged(): void {
    const lost = this.storage.failing.get();
    this.sync.setLocalCopyKept(!lost);
    if (!lost || this.#lossNotified) return;
    this.#lossNotified = true;
    this.#show({ text: NO_LOCAL_COPY }, { untilDismissed: true });
  }

  #report(verb: string, result: UndoResult): UndoResult {
    if (result.kind === "done") this.announce(`${verb}: ${result.label}`);
    if (result.kind === "skipped") this.notify(roomTexts.changedSomeoneElseSinceStays(result.label));
    this.#historyChanged();
    return result;
  }

  #undoStep(step: StepId): void {
    const result = this.history.undoStep(step);
    if (result.kind === "done") this.announce(roomTexts.undidStep(result.label));
    else if (result.kind === "skipped") this.notify(roomTexts.canNoLongerUndoneChanged(result.label));
    else this.notify(roomTexts.canNoLongerUndone);
    this.#historyChanged();
  }

  get #historyKey(): string {
    return `parlor.undo.${this.record.slug}.${this.me.identity}`;
  }

  /** Takes over the steps of this tab before its last reload, and follows the texts that they concern. */
  #restoreHistory(): void {
    const storage = tabStorage();
    if (storage === null) return;
    for (const path of restoreHistory(this.history, this.doc.get(), this.#historyKey, storage))
      this.texts.at(path);
    this.#historyChanged();
  }

  #keepHistory(): void {
    const storage = tabStorage();
    if (storage !== null) keepHistory(this.history, this.doc.get(), this.#historyKey, storage);
  }

  #historyChanged(): void {
    this.historyVersion.set(this.historyVersion.get() + 1);
    this.#dropUndoneNotices();
  }

  /** Removes notices that are outdated, such as those that offer to undo a step that is already undone. */
  #dropUndoneNotices(): void {
    const all = this.notices.get();
    if (!all.some(({ step, isOutdated }) => step !== undefined || isOutdated !== undefined)) return;
    const doc = this.doc.get();
    const remaining = all.filter(
      ({ step, isOutdated }) =>
        (step === undefined || !this.history.isUndone(step, doc)) && isOutdated?.(doc) !== true,
    );
    if (remaining.length !== all.length) this.notices.set(remaining);
  }
}

function openedAt(socket: TicketSocket): number | null {
  const { state, since } = socket.connection.get();
  return state === "open" ? since : null;
}

/** A room that is being opened. `ready` resolves when the document is loaded from this browser or from the server. */
export interface Opening {
  readonly socket: TicketSocket;
  readonly ready: Promise<RoomSession>;
  cancel(): void;
}

/**
 * Opens a room that this person has joined, now or on an earlier visit. Works offline if this browser has the document.
 */
export function openRoom(
  record: RoomRecord,
  me: OwnIdentity,
  onRoleChanged: () => void = () => undefined,
): Opening {
  const api = new RoomApi(record.slug, { tokenSource: credentialOf(me), key: record.key });
  const socket = new TicketSocket(dialWithTicket(api, (role) => role !== record.role && onRoleChanged()));
  const tabs = new RoomTabs(record.documentId, () => {
    storage.seal();
    window.location.reload();
  });
  const storage = new LocalStorage(tabs);
  const repo = new Repo({
    peerId: `web-${hex(randomBytes(8))}` as PeerId,
    storage,
    // Changes are saved without a delay, since a page may be closed right after the last key press.
    saveDebounceRate: 0,
    network: [socket, ...otherTabs(record.documentId)],
  });
  let session: RoomSession | null = null;
  let cancelled = false;
  const progress = repo.findWithProgress<RoomDoc>(record.automergeUrl as AutomergeUrl);
  const { handle } = progress;
  if ("subscribe" in progress) {
    const stop = progress.subscribe(({ state }) => {
      if (state !== "failed") return;
      stop();
      void loadFromServer(repo, handle as DocHandle<RoomDoc>, storage);
    });
  }
  const ready = handle.whenReady().then(() => {
    session = new RoomSession(record, me, api, handle as DocHandle<RoomDoc>, socket, repo, storage, tabs);
    if (cancelled) session.dispose();
    return session;
  });
  return {
    socket,
    ready,
    cancel: () => {
      cancelled = true;
      if (session !== null) session.dispose();
      else void shutdownEarly(repo).finally(() => tabs.dispose());
    },
  };
}

/** The adapter that syncs with other tabs of this browser; empty if the browser has no BroadcastChannel. */
function otherTabs(documentId: string): BroadcastChannelNetworkAdapter[] {
  try {
    // Other tabs answer at once or do not exist. With the default wait, a first visit would ask the server too late.
    return [new BroadcastChannelNetworkAdapter({ channelName: `parlor-${documentId}`, peerWaitMs: 50 })];
  } catch {
    return [];
  }
}

function dialWithTicket(api: RoomApi, onRole: (role: Role) => void): Dial {
  return async (limitMs) => {
    try {
      const { url, role } = await api.ticket(limitMs);
      onRole(role);
      const { protocol, host } = window.location;
      return { url: `${protocol === "https:" ? "wss" : "ws"}://${host}${new URL(url).pathname}` };
    } catch (problem) {
      if (problem instanceof ApiProblem && [401, 403, 404, 410].includes(problem.status)) {
        return { refused: toSentence(problem.detail || problem.title) };
      }
      throw problem;
    }
  };
}

/**
 * Requests the document from the server after the local copy turned out to be unreadable. automerge-repo would not open
 * the room at all. The local copy stays as it is.
 */
async function loadFromServer(repo: Repo, handle: DocHandle<RoomDoc>, storage: LocalStorage): Promise<void> {
  storage.abandon();
  await repo.networkSubsystem.whenReady();
  if (handle.isReady()) return;
  handle.request();
  repo.synchronizer.addDocument(handle);
}

/**
 * Shuts down before the document is loaded. automerge-repo then rejects, because it cannot flush an unloaded document.
 */
async function shutdownEarly(repo: Repo): Promise<void> {
  await repo.shutdown().catch(() => undefined);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
