import { currentRoute, replaceKey } from "../page/route";
import { ApiProblem, RoomApi } from "../room/api";
import { browserStoresData, credentialOf, KEY_UNREADABLE } from "../room/credential";
import { memory, type OwnIdentity, type RoomRecord } from "../room/memory";
import { entryTexts } from "../texts";
import { INCOMPLETE, NO_ROOM } from "./incomplete";

/** The result of an attempt to enter a room. */
export type Entry =
  | { readonly kind: "joined"; readonly room: RoomRecord }
  | { readonly kind: "secret" }
  /** This browser cannot read the key of this person's identity. The person needs a temporary identity. */
  | { readonly kind: "key-unreadable" }
  | {
      readonly kind: "refused";
      readonly title: string;
      readonly text: string;
      readonly retry: boolean;
      readonly forget: boolean;
    };

/**
 * Joins a room and reports the result. A room that this person has joined before is reported at once, from this
 * browser's record, so that it opens offline. It is reported again only if the server's answer differs, for example in
 * the role.
 *
 * @param reopened whether the room is already open, so that only the server's answer is reported
 */
export async function enterRoom(
  slug: string,
  key: string,
  me: OwnIdentity,
  report: (entry: Entry) => void,
  reopened = false,
): Promise<void> {
  const stored = memory.room(slug);
  // The key of the link does not matter then: the server knows that this person has joined.
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
      parent: joined.room.parent ?? null,
    };
    memory.setRoom(room);
    const keyReplaced = joined.addressKey !== null && currentKey(slug) === key;
    // If the browser stores nothing, RecoveryNotice replaces the key after the owner has seen the recovery key.
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

/** The texts for refusals that a host has decided [AC6 to AC9], by problem code. */
const HOST_DECISIONS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  kicked: {
    title: entryTexts.hostRemovedRoom,
    text: entryTexts.canJoinAgainHostLets,
  },
  single: { title: entryTexts.roomForOnePerson, text: entryTexts.onlyOwnerCanEnter },
  revoked: { title: entryTexts.thisLinkWasEnded, text: entryTexts.hostEndedAskNewLink },
  expired: { title: entryTexts.thisLinkHasExpired, text: entryTexts.goodLimitedTimeAskNew },
  "room-locked": { title: entryTexts.roomLocked, text: entryTexts.roomLockedText },
  "used-up": {
    title: entryTexts.linkNoPlacesLeft,
    text: entryTexts.usedManyPeopleHostAllowed,
  },
};

function currentKey(slug: string): string | null {
  const route = currentRoute();
  return route.kind === "room" && route.slug === slug ? (route.key ?? "") : null;
}

/** The entry for a failed attempt; null if the server did not answer and the room can be opened from its record. */
function entryOfProblem(problem: unknown, usable: boolean, key: string): Entry | null {
  const api = problem instanceof ApiProblem ? problem : null;
  if (api === null || api.unreachable || api.status >= 500 || api.status === 429) {
    if (usable) return null;
    return {
      kind: "refused",
      title: entryTexts.serverNotAnswer,
      text: entryTexts.firstVisitNeedsServerOnce,
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
      title: entryTexts.serverNotKnowAnyMore,
      text: entryTexts.notAcceptIdentityStoredBrowser,
      retry: false,
      forget: true,
    };
  }
  if (api.code === "secret-needed") return { kind: "secret" };
  const decision = HOST_DECISIONS[api.code];
  if (decision !== undefined)
    return {
      kind: "refused",
      ...decision,
      retry: api.code === "kicked" || api.code === "room-locked",
      forget: false,
    };
  const missing = api.status === 404 || api.status === 410;
  return {
    kind: "refused",
    title: missing ? NO_ROOM : entryTexts.linkNotOpenRoom,
    text: api.code === "wrong-key" ? entryTexts.linkHasWrongKey : api.message || entryTexts.askNewLink,
    retry: false,
    forget: false,
  };
}
