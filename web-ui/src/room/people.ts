import { roomTexts } from "../texts";
import { hash } from "./names";
import type { Participant } from "./schema/read";

export const PALETTE_SIZE = 12;

/** One of the twelve people colours as a CSS value. */
export function colorVar(index: number): string {
  return `var(--p${index})`;
}

function preferredColor(person: Pick<Participant, "id" | "color">): number {
  const chosen = /^p([1-9]|1[0-2])$/.exec(person.color ?? "");
  return chosen?.[1] === undefined ? (hash(person.id) % PALETTE_SIZE) + 1 : Number(chosen[1]);
}

/**
 * Assigns a colour (1 to 12) to each participant, the same on every peer. In order of joining, each person gets the
 * chosen colour, or a colour derived from the identity, or the next free colour if that is taken. All twelve colours
 * are used before two people share one.
 */
export function assignColors(participants: readonly Participant[]): ReadonlyMap<string, number> {
  const colors = new Map<string, number>();
  let free = new Set<number>();
  for (const person of participants) {
    if (free.size === 0) free = new Set(Array.from({ length: PALETTE_SIZE }, (_, i) => i + 1));
    let color = preferredColor(person);
    while (!free.has(color)) color = (color % PALETTE_SIZE) + 1;
    free.delete(color);
    colors.set(person.id, color);
  }
  return colors;
}

export type PersonStatus = "online" | "idle" | "away" | "offline";

/** The presence that a browser sends about its person. It is never in the document. */
export interface PresenceState {
  readonly identity: string;
  readonly name: string;
  readonly status: "online" | "idle" | "away";
  /** The place of the person: a window's id, the name of a region such as "hand", or null. */
  readonly where: string | null;
  /** The place where the person is typing now: a window's id, "chat", "query", or null. */
  readonly typing: string | null;
  /** The request of the answer that the person reads. It is sent only while somebody follows the person. */
  readonly reading?: string | null;
  /** The identity of the person whom this person follows. */
  readonly following?: string | null;
  /** False if the person does not want to be followed. */
  readonly followable?: boolean;
}

/** A person as messages, cards and answers name them: without presence, which changes often. */
export interface NamedPerson {
  readonly id: string;
  readonly name: string;
  readonly avatar: string | null;
  readonly color: number;
  readonly role: Participant["role"];
  readonly isMe: boolean;
  /** Whether the peer is not a participant of the document, such as an unmodified automerge-repo client. */
  readonly guest: boolean;
  readonly reading?: string | null;
  readonly following?: string | null;
  readonly followable?: boolean;
  /** Whether a host removed this person. */
  readonly removed?: boolean;
}

export interface Person extends NamedPerson {
  readonly status: PersonStatus;
  readonly where: string | null;
  readonly typing: string | null;
}

/** The people without their presence. */
export const namesOf = (people: readonly Person[]): readonly NamedPerson[] =>
  people.map(({ status: _status, where: _where, typing: _typing, ...named }) => named);

const RANK: Record<PersonStatus, number> = { online: 0, idle: 1, away: 2, offline: 3 };

/** Joins the document's participants with the present peers. Several tabs of one person make one entry. */
export function mergePeople(
  participants: readonly Participant[],
  present: readonly PresenceState[],
  me: string,
): readonly Person[] {
  const colors = assignColors(participants);
  const byIdentity = new Map<string, PresenceState>();
  for (const state of present) {
    const best = byIdentity.get(state.identity);
    if (best === undefined || RANK[state.status] < RANK[best.status]) byIdentity.set(state.identity, state);
  }
  const people: Person[] = participants.map((person) => {
    const state = byIdentity.get(person.id);
    byIdentity.delete(person.id);
    return {
      id: person.id,
      name: person.name,
      avatar: person.avatar,
      color: colors.get(person.id) ?? 1,
      role: person.role,
      status: state?.status ?? "offline",
      where: state?.where ?? null,
      typing: state?.typing ?? null,
      reading: state?.reading ?? null,
      following: state?.following ?? null,
      followable: state?.followable !== false,
      isMe: person.id === me,
      guest: person.id.startsWith("guest:"),
      removed: (person.removedBy ?? null) !== null,
    };
  });
  for (const state of byIdentity.values()) {
    people.push({
      id: state.identity,
      name: state.name || roomTexts.guest,
      avatar: null,
      color: (hash(state.identity) % PALETTE_SIZE) + 1,
      role: "spectator",
      status: state.status,
      where: state.where,
      typing: state.typing,
      isMe: state.identity === me,
      guest: true,
    });
  }
  return withDistinctNames(people);
}

/** Adds a number to the names of people who have the same name as a person before them, so that the names differ. */
function withDistinctNames(people: readonly Person[]): readonly Person[] {
  const counts = new Map<string, number>();
  return people.map((person) => {
    const key = person.name.trim().toLowerCase();
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1 ? person : { ...person, name: `${person.name} (${count})` };
  });
}
