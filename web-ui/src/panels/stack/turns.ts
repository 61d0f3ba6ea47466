import type { Card, Participant } from "../../room/read";

/** Whose turn it is, derived from who joined and what was played; nobody stores a counter. */
export type Turns = {
  /** The number that the next play carries. The first turn is 1. */
  readonly number: number;
  readonly holder: string | null;
  readonly next: string | null;
  /** Cards that claim a turn which was not their author's, or which another card has. */
  readonly outOfTurn: ReadonlySet<string>;
};

/**
 * Players in order of (joinedAt, identity) hold turns 1, 2, 3... in a circle. A play of turn n counts when its author
 * holds n; of several, the one with the smallest id counts. Who is `absent` is passed over as holder of the open turn.
 */
export function turnsOf(
  participants: readonly Participant[],
  cards: readonly Pick<Card, "id" | "by" | "turn">[],
  absent: (identity: string) => boolean,
): Turns {
  const players = participants.filter((each) => each.role !== "spectator").map((each) => each.id);
  const claims = new Map<number, Pick<Card, "id" | "by">[]>();
  for (const card of cards) {
    if (card.turn !== null) claims.set(card.turn, [...(claims.get(card.turn) ?? []), card]);
  }
  const outOfTurn = new Set<string>();
  let from = 0;
  let number = 1;
  for (; claims.has(number) && players.length > 0; number++) {
    const here = [...(claims.get(number) ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
    const accepted =
      here.find((card) => card.by === players[from % players.length]) ??
      here.find((card) => players.includes(card.by));
    for (const card of here) if (card !== accepted) outOfTurn.add(card.id);
    if (accepted === undefined) break;
    from = players.indexOf(accepted.by) + 1;
    claims.delete(number);
  }
  for (const [turn, late] of claims) if (turn !== number) for (const card of late) outOfTurn.add(card.id);
  const present = (start: number): string | null => {
    for (let step = 0; step < players.length; step++) {
      const id = players[(start + step) % players.length] as string;
      if (!absent(id)) return id;
    }
    return null;
  };
  const holder = present(from);
  return { number, holder, next: holder === null ? null : present(players.indexOf(holder) + 1), outOfTurn };
}
