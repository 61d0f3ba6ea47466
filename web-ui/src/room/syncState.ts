import type { Connection } from "./socket";

/**
 * The state that the pill in the header shows. `pending` is the number of changes that the server has not acknowledged
 * yet; it acknowledges changes on its disk. `noLocalCopy` means that this browser stores no copy of the room. `blocked`
 * means that the server answers HTTP requests while the WebSocket repeatedly fails to open.
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
) & { readonly noLocalCopy?: boolean; readonly blocked?: boolean };

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
  return { ...state, ...(facts.localSaveFailed && { noLocalCopy: true }), ...(blocked && { blocked }) };
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

const changes = (n: number): string => (n === 1 ? "1 change" : `${n} changes`);

interface PillTexts {
  readonly label: string;
  readonly short: string;
  readonly detail: string;
}

const NO_COPY = "This browser can't keep a copy of this room.";
const BLOCKED = "The server answers, but the live connection to it does not open. A proxy may block it.";

/** The texts of the pill: the label, the short label for phones, and the detail for tooltip and screen readers. */
export function describeSync(state: SyncState): PillTexts {
  const noLocalCopy = state.noLocalCopy === true;
  const onServer = `All changes are saved on the server.${noLocalCopy ? ` ${NO_COPY}` : ""}`;
  const localCopy = noLocalCopy ? NO_COPY : "They are kept in this browser.";
  const waiting =
    state.pending === 0 ? "All your changes are saved." : `${changes(state.pending)} not saved yet.`;
  switch (state.kind) {
    case "saved":
      return { label: "Saved", short: "Saved", detail: onServer };
    case "back-online":
      return { label: "Back online, all changes saved", short: "All saved", detail: onServer };
    case "syncing":
      return {
        label: "Syncing…",
        short: "Syncing…",
        detail:
          state.pending === 0
            ? "Waiting for the server's answer. All your changes are saved."
            : `Waiting until the server has saved your changes. ${localCopy}`,
      };
    case "reconnecting":
      return {
        label: "Reconnecting…",
        short: "Reconnecting…",
        detail:
          noLocalCopy || state.pending === 0
            ? `The connection broke. ${waiting}${noLocalCopy ? ` ${NO_COPY}` : ""}`
            : `The connection broke. ${changes(state.pending)} kept in this browser.`,
      };
    case "offline":
      return offline(state);
    case "not-saved":
      return {
        label: "Not saved on the server",
        short: "Not saved",
        detail: `The server does not confirm ${changes(state.pending)}. ${noLocalCopy ? NO_COPY : "They are kept in this browser."}`,
      };
    case "not-kept":
      return {
        label: "Not saved",
        short: "Not saved",
        detail: `This browser could not store ${changes(state.pending)}. Keep this page open or download a copy.`,
      };
    case "refused":
      return { label: "Not connected", short: "Not connected", detail: state.reason };
  }
}

function offline({ pending, noLocalCopy, blocked }: SyncState): PillTexts {
  const name = blocked === true ? "Not connected" : "Offline";
  const kept = noLocalCopy
    ? `${NO_COPY} Keep this page open until the server is back.`
    : "You can continue to work. All changes are kept in this browser and sent when the server is back.";
  return {
    label: pending === 0 ? name : `${name}, ${changes(pending)} kept here`,
    short: pending === 0 ? name : `${name}, ${pending} kept`,
    detail: blocked === true ? `${BLOCKED} ${kept}` : kept,
  };
}
