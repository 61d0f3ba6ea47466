import type { Card, Participant } from "../../room/schema/read";

/** The current turn, derived from the order of joining and the played cards. No counter is stored. */
export type Turns = {
  /** The number of the current turn, which is the number of accepted plays. */
  readonly number: number;
  /** The identity whose turn it is, or null. */
  readonly holder: string | null;
  /** The identity that has the turn after the holder, or null. */
  readonly next: string | null;
  /** The ids of cards that name a turn but were not accepted for it. */
  readonly outOfTurn: ReadonlySet<string>;
};

/** A played card that names the turn for which it was played. */
type Claim = Pick<Card, "id" | "by" | "at" | "turn">;

/**
 * Computes the turn by the rules TU1 to TU3, as the server does. Turn 0 belongs to the first person by joining time and
 * identity. Each next turn belongs to the person after the author of the accepted play. Among several plays for one
 * turn, the play whose author is first in the circle, from the holder on, is accepted. Among several plays by that
 * author, the earliest is accepted, and at the same time the one with the smallest id. People who are absent or have no
 * seat are passed over.
 */
export function turnsOf(
  participants: readonly Participant[],
  cards: readonly Claim[],
  maxPlayers: number,
  absent: (identity: string) => boolean,
): Turns {
  const circle = participants.filter((each) => each.role !== "spectator").map((each) => each.id);
  const seats = seated(participants, maxPlayers);
  const claims = claimsByTurn(cards);
  const outOfTurn = new Set(cards.filter((card) => card.turn !== null).map((card) => card.id));
  let previous = -1;
  let number = 0;
  for (; ; number++) {
    const accepted = acceptedClaim(claims.get(number) ?? [], circle, previous);
    if (accepted === undefined) break;
    outOfTurn.delete(accepted.id);
    previous = circle.indexOf(accepted.by);
  }
  const nextPlayer = (index: number, except: string | null): string | null => {
    for (let step = 1; step <= circle.length; step++) {
      const id = circle[(index + step + circle.length) % circle.length] as string;
      if (id !== except && seats.has(id) && !absent(id)) return id;
    }
    return null;
  };
  const holder = nextPlayer(previous, null);
  return {
    number,
    holder,
    next: holder === null ? null : nextPlayer(circle.indexOf(holder), holder),
    outOfTurn,
  };
}

/** The people with seats: hosts first, then players, in order of joining, up to the room's number of seats. */
function seated(participants: readonly Participant[], maxPlayers: number): ReadonlySet<string> {
  const hosts = participants.filter((each) => each.role === "host");
  const players = participants.filter((each) => each.role === "player");
  return new Set([...hosts, ...players].slice(0, maxPlayers).map((each) => each.id));
}

function claimsByTurn(cards: readonly Claim[]): ReadonlyMap<number, readonly Claim[]> {
  const claims = new Map<number, Claim[]>();
  for (const card of cards) {
    if (card.turn !== null) claims.set(card.turn, [...(claims.get(card.turn) ?? []), card]);
  }
  return claims;
}

function acceptedClaim(
  claims: readonly Claim[],
  circle: readonly string[],
  previous: number,
): Claim | undefined {
  const distance = (card: Claim) => (circle.indexOf(card.by) - previous - 1 + circle.length) % circle.length;
  return claims
    .filter((card) => circle.includes(card.by))
    .sort((a, b) => distance(a) - distance(b) || a.at - b.at || (a.id < b.id ? -1 : 1))[0];
}
