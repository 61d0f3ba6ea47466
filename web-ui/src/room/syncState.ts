import { roomTexts } from "../texts";
import type { Connection } from "./socket";

/**
 * The state that the pill in the header shows. `pending` is the number of changes that the server has not acknowledged
 * yet; it acknowledges changes on its disk. `noLocalCopy` means that this browser stores no copy of the room. `blocked`
 * means that the server answers HTTP requests while the WebSocket repeatedly fails to open. `storageAway` means that the
 * server says that it cannot write to its storage. `quorum` means that the server acknowledges changes that a majority of its
 * storage servers has, perhaps only in memory.
 */
export type SyncState = (
  | { readonly kind: "saved"; readonly pending: 0 }
  | { readonly kind: "back-online"; readonly pending: 0 }
  | { readonly kind: "syncing"; readonly pending: number }
  | { readonly kind: "reconnecting"; readonly pending: number }
  | { readonly kind: "offline"; readonly pending: number }
  | { readonly kind: "not-saved"; readonly pending: number }
  | { readonly kind: "not-kept"; readonly pending: number }
  | { readonly kind: "refused"; readonly pending: number; readonly reason: string }
) & {
  readonly noLocalCopy?: boolean;
  readonly blocked?: boolean;
  readonly storageAway?: boolean;
  readonly quorum?: boolean;
};

export interface SyncFacts {
  readonly now: number;
  readonly online: boolean;
  readonly connection: Connection;
  readonly pending: number;
  /** The later of two times: the oldest pending change was made, and the server last acknowledged something. */
  readonly waitingSince: number;
  /** The time when the connection was lost, or null while it is open. */
  readonly brokenSince: number | null;
  /** The time when all changes were saved again after a break that the pill showed, or null. */
  readonly recoveredAt: number | null;
  readonly localSaveFailed: boolean;
  /** Whether the connection may be dead, so that the known state may be old. */
  readonly suspected?: boolean;
  /** Whether the server has sent a message of the document on this connection. */
  readonly synced?: boolean;
  /** Whether the server says that it cannot write to its storage. */
  readonly storageAway?: boolean;
  /** Whether the server acknowledges changes that its storage servers may have in memory only. */
  readonly quorum?: boolean;
}

/** A shorter break of the connection is shown as "Syncing". */
export const RECONNECTING_AFTER_MS = 1_500;
export const OFFLINE_AFTER_MS = 6_000;
export const NOT_SAVED_AFTER_MS = 6_000;
export const BACK_ONLINE_FOR_MS = 4_000;

/**
 * Derives the state of the pill [U4]. It is "saved" only if no change is pending and the connection is not suspected to
 * be dead.
 */
export function syncState(facts: SyncFacts): SyncState {
  const state = baseState(facts);
  const blocked = "blocked" in facts.connection && facts.connection.blocked === true;
  return {
    ...state,
    ...(facts.localSaveFailed && { noLocalCopy: true }),
    ...(blocked && { blocked }),
    ...(facts.storageAway === true &&
      (state.kind === "not-saved" || state.kind === "offline") && { storageAway: true }),
    ...(facts.quorum === true && { quorum: true }),
  };
}

function baseState(facts: SyncFacts): SyncState {
  const { connection, pending, now } = facts;
  if (connection.state === "refused") return { kind: "refused", pending, reason: connection.reason };
  const slow = now - facts.waitingSince >= NOT_SAVED_AFTER_MS;
  if (facts.localSaveFailed && pending > 0 && (connection.state !== "open" || slow))
    return { kind: "not-kept", pending };
  if (connection.state === "open") {
    if (pending > 0) return { kind: slow ? "not-saved" : "syncing", pending };
    if (facts.suspected === true || facts.synced === false) return { kind: "syncing", pending };
    const recovered = facts.recoveredAt !== null && now - facts.recoveredAt < BACK_ONLINE_FOR_MS;
    return { kind: recovered ? "back-online" : "saved", pending: 0 };
  }
  const brokenMs = now - (facts.brokenSince ?? now);
  if (!facts.online) return { kind: "offline", pending };
  if (brokenMs < RECONNECTING_AFTER_MS) return { kind: "syncing", pending };
  return { kind: brokenMs >= OFFLINE_AFTER_MS ? "offline" : "reconnecting", pending };
}

const changes = (n: number): string => (n === 1 ? "1 change" : roomTexts.changes(n));

const changesAre = (n: number): string => `${changes(n)} ${n === 1 ? "is" : "are"}`;

interface PillTexts {
  readonly label: string;
  readonly short: string;
  readonly detail: string;
}

const NO_COPY = roomTexts.browserCantKeepCopyRoom;
const BLOCKED = roomTexts.serverAnswersButLiveConnection;

/** The texts of the pill: the label, the short label for phones, and the detail for tooltip and screen readers. */
export function describeSync(state: SyncState): PillTexts {
  const noLocalCopy = state.noLocalCopy === true;
  const onServer = (
    state.quorum === true ? roomTexts.allChangesSavedQuorum : roomTexts.allChangesSavedServer
  )(noLocalCopy ? ` ${NO_COPY}` : "");
  const localCopy = noLocalCopy ? NO_COPY : roomTexts.keptBrowser;
  const waiting =
    state.pending === 0 ? roomTexts.allChangesSaved : roomTexts.notSavedYet(changes(state.pending));
  switch (state.kind) {
    case "saved":
      return { label: roomTexts.saved, short: roomTexts.saved, detail: onServer };
    case "back-online":
      return { label: roomTexts.backOnlineAllChangesSaved, short: roomTexts.allSaved, detail: onServer };
    case "syncing":
      return {
        label: roomTexts.syncing,
        short: roomTexts.syncing,
        detail:
          state.pending === 0
            ? roomTexts.waitingServersAnswerAllChanges
            : roomTexts.waitingUntilServerSavedChanges(localCopy),
      };
    case "reconnecting":
      return {
        label: roomTexts.reconnecting,
        short: roomTexts.reconnecting,
        detail:
          noLocalCopy || state.pending === 0
            ? roomTexts.theConnectionBroke(waiting, noLocalCopy ? ` ${NO_COPY}` : "")
            : roomTexts.connectionBrokeKeptBrowser(changes(state.pending)),
      };
    case "offline":
      return offline(state);
    case "not-saved":
      return {
        label: roomTexts.notSavedServer,
        short: roomTexts.notSaved,
        detail:
          state.storageAway === true
            ? roomTexts.serverStorageAway(changesAre(state.pending), localCopy)
            : roomTexts.serverNotConfirm(changes(state.pending), localCopy),
      };
    case "not-kept":
      return {
        label: roomTexts.notSaved,
        short: roomTexts.notSaved,
        detail: roomTexts.browserCouldNotStoreKeep(changes(state.pending)),
      };
    case "refused":
      return { label: roomTexts.notConnected, short: roomTexts.notConnected, detail: state.reason };
  }
}

function offline({ pending, noLocalCopy, blocked, storageAway }: SyncState): PillTexts {
  const cause = storageAway === true ? roomTexts.serverStorageAwayOffline : blocked === true ? BLOCKED : null;
  const name = cause === null ? roomTexts.offline : roomTexts.notConnected;
  const kept = noLocalCopy ? roomTexts.keepPageOpenUntilServer(NO_COPY) : roomTexts.canContinueWorkAllChanges;
  return {
    label: pending === 0 ? name : roomTexts.keptHere(name, changes(pending)),
    short: pending === 0 ? name : roomTexts.kept(name, pending),
    detail: cause === null ? kept : `${cause} ${kept}`,
  };
}
