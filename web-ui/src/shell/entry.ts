import { currentPlace, replaceKey } from "../page/place";
import { ApiProblem, RoomApi } from "../room/api";
import { browserStoresData, credentialOf, KEY_UNREADABLE } from "../room/credential";
import { memory, type OwnIdentity, type RoomRecord } from "../room/memory";
import { INCOMPLETE } from "./incomplete";

export type Entry =
  | { readonly kind: "joined"; readonly room: RoomRecord }
  | { readonly kind: "secret" }
  /** This browser cannot read this person's identity: the person enters under another identity until it can. */
  | { readonly kind: "key-unreadable" }
  | {
      readonly kind: "refused";
      readonly title: string;
      readonly text: string;
      readonly retry: boolean;
      readonly forget: boolean;
    };

/**
 * Joins and reports the outcome. A room that this browser has joined before is reported at once, from memory, and again
 * only if the server now says something else (another role); being offline is no obstacle then.
 *
 * @param reopened the room is open already: only the server's current answer is reported
 */
export async function enterRoom(
  slug: string,
  key: string,
  me: OwnIdentity,
  report: (entry: Entry) => void,
  reopened = false,
): Promise<void> {
  const stored = memory.room(slug);
  // The shown key does not matter: this person has joined, and the server knows the membership.
  const usable = stored !== null && stored.identity === me.identity;
  if (usable && !reopened) report({ kind: "joined", room: stored });
  try {
    const api = new RoomApi(slug, { tokenSource: credentialOf(me), key });
    const joined = await api.join({ name: me.name });
    const room: RoomRecord = {
      slug,
      key: joined.addressKey ?? key,
      title: stored?.title ?? "",
      role: joined.role,
      documentId: joined.documentId,
      automergeUrl: joined.automergeUrl,
      storageId: joined.storageId,
      identity: joined.identity,
      visitedAt: Date.now(),
      owner: joined.room.owner,
    };
    memory.setRoom(room);
    const keyReplaced = joined.addressKey !== null && currentKey(slug) === key;
    // If the browser keeps nothing, the owner sees the recovery key first; see RecoveryNotice.
    const recoveryKeyFirst = keyReplaced && room.owner === me.identity && !(await browserStoresData());
    if (keyReplaced && !recoveryKeyFirst) replaceKey(slug, room.key);
    const unchanged =
      usable &&
      stored.role === room.role &&
      stored.key === room.key &&
      stored.owner === room.owner &&
      stored.documentId === room.documentId &&
      stored.storageId === room.storageId;
    if (reopened || !unchanged) report({ kind: "joined", room });
  } catch (problem) {
    const entry = entryOfProblem(problem, usable, key);
    if (entry !== null) report(entry);
  }
}

/** Hosts' decisions, in plain words [AC6 to AC9]. */
const HOST_DECISIONS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  kicked: {
    title: "A host removed you from this room",
    text: "You can come back when a host lets you in again.",
  },
  revoked: { title: "This link was ended", text: "A host has ended it. Ask for a new link." },
  expired: { title: "This link has expired", text: "It was good for a limited time. Ask for a new link." },
  "used-up": {
    title: "This link has no places left",
    text: "As many people came in by it as it was made for. Ask for a new link.",
  },
};

function currentKey(slug: string): string | null {
  const place = currentPlace();
  return place.kind === "room" && place.slug === slug ? (place.key ?? "") : null;
}

function entryOfProblem(problem: unknown, usable: boolean, key: string): Entry | null {
  const api = problem instanceof ApiProblem ? problem : null;
  if (api === null || api.unreachable || api.status >= 500 || api.status === 429) {
    if (usable) return null;
    return {
      kind: "refused",
      title: "The server does not answer",
      text: "A first visit needs the server once. After that the room also opens offline.",
      retry: true,
      forget: false,
    };
  }
  if (api.code === KEY_UNREADABLE) return { kind: "key-unreadable" };
  if (api.status === 401 && key === "")
    return { kind: "refused", ...INCOMPLETE, retry: false, forget: false };
  if (api.status === 401) {
    return {
      kind: "refused",
      title: "The server does not know you any more",
      text: "What this browser kept to prove who you are is not accepted.",
      retry: false,
      forget: true,
    };
  }
  if (api.code === "secret-needed") return { kind: "secret" };
  const decision = HOST_DECISIONS[api.code];
  if (decision !== undefined)
    return { kind: "refused", ...decision, retry: api.code === "kicked", forget: false };
  const missing = api.status === 404 || api.status === 410;
  return {
    kind: "refused",
    title: missing ? "There is no such room" : "This link does not open the room",
    text: api.message || "Ask for a new link.",
    retry: false,
    forget: false,
  };
}
