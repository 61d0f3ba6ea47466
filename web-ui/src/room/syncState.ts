import type { Connection } from "./socket";

/** What the state pill says. `pending` counts changes that the server has not acknowledged as on its disk. */
export type SyncState =
  | { readonly kind: "saved"; readonly pending: 0 }
  | { readonly kind: "back-online"; readonly pending: 0 }
  | { readonly kind: "syncing"; readonly pending: number }
  | { readonly kind: "reconnecting"; readonly pending: number }
  | { readonly kind: "offline"; readonly pending: number }
  | { readonly kind: "not-saved"; readonly pending: number }
  | { readonly kind: "not-kept"; readonly pending: number }
  | { readonly kind: "refused"; readonly pending: number; readonly reason: string };

export interface SyncFacts {
  readonly now: number;
  readonly online: boolean;
  readonly connection: Connection;
  readonly pending: number;
  /** When the oldest unacknowledged change appeared, or the last time the server's heads moved, whichever is later. */
  readonly waitingSince: number;
  /** When the last break of the connection began, or null when there was none since everything was saved. */
  readonly brokenSince: number | null;
  /** When everything was saved again after a break that people could see, or null. */
  readonly healedAt: number | null;
  readonly localSaveFailed: boolean;
}

export const GRACE_MS = 1_500;
export const OFFLINE_AFTER_MS = 6_000;
export const NOT_SAVED_AFTER_MS = 6_000;
export const BACK_ONLINE_FOR_MS = 4_000;

/** The honest pill [U4], as a pure function of what is known. "Saved" only without any unacknowledged change. */
export function syncState(facts: SyncFacts): SyncState {
  const { connection, pending, now } = facts;
  if (connection.state === "refused") return { kind: "refused", pending, reason: connection.reason };
  if (facts.localSaveFailed && pending > 0) return { kind: "not-kept", pending };
  if (connection.state === "open") {
    if (pending === 0) {
      const healed = facts.healedAt !== null && now - facts.healedAt < BACK_ONLINE_FOR_MS;
      return { kind: healed ? "back-online" : "saved", pending: 0 };
    }
    return { kind: now - facts.waitingSince >= NOT_SAVED_AFTER_MS ? "not-saved" : "syncing", pending };
  }
  const broken = now - (facts.brokenSince ?? now);
  if (!facts.online) return { kind: "offline", pending };
  if (broken < GRACE_MS) return pending === 0 ? { kind: "syncing", pending } : { kind: "syncing", pending };
  return { kind: broken >= OFFLINE_AFTER_MS ? "offline" : "reconnecting", pending };
}

const changes = (n: number): string => (n === 1 ? "1 change" : `${n} changes`);

/** The words in the pill, on a phone, and, longer, for its tooltip and for screen readers. */
export function describeSync(state: SyncState): {
  readonly label: string;
  readonly short: string;
  readonly detail: string;
} {
  switch (state.kind) {
    case "saved":
      return { label: "Saved", short: "Saved", detail: "Everything is on the server's disk." };
    case "back-online":
      return {
        label: "Back online, all changes saved",
        short: "All saved",
        detail: "Everything is on the server's disk.",
      };
    case "syncing":
      return {
        label: "Syncing…",
        short: "Syncing…",
        detail: "Waiting until the server has it on disk. It is kept in this browser.",
      };
    case "reconnecting":
      return {
        label: "Reconnecting…",
        short: "Reconnecting…",
        detail:
          state.pending === 0 ? "Nothing is waiting." : `${changes(state.pending)} kept in this browser.`,
      };
    case "offline":
      return {
        label: state.pending === 0 ? "Offline" : `Offline, ${changes(state.pending)} kept here`,
        short: state.pending === 0 ? "Offline" : `Offline, ${state.pending} kept`,
        detail:
          "You can go on working. Everything is kept in this browser and is sent when the server is back.",
      };
    case "not-saved":
      return {
        label: "Not saved on the server",
        short: "Not saved",
        detail: `The server does not confirm ${changes(state.pending)}. They are kept in this browser.`,
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
