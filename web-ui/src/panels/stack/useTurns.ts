import { useMemo } from "react";
import { type Person, useCards, useParticipants, usePeople, useSettings } from "../../room";
import { personIn } from "../shared/people";
import { turnsOf } from "./turns";

export type TurnState = {
  readonly number: number;
  readonly holder: Person | null;
  readonly next: Person | null;
  readonly outOfTurn: ReadonlySet<string>;
  /** The reason why this person should not play now, or null. */
  readonly waitReason: string | null;
};

/** The turns of a room that takes turns; null in free rooms. */
export function useTurns(): TurnState | null {
  const { turnMode, maxPlayers } = useSettings();
  const participants = useParticipants();
  const cards = useCards();
  const people = usePeople();
  return useMemo(() => {
    if (turnMode !== "turns") return null;
    const person = personIn(people);
    const { number, holder, next, outOfTurn } = turnsOf(
      participants,
      cards,
      maxPlayers,
      (id) => person(id).status === "offline",
    );
    const current = holder === null ? null : person(holder);
    return {
      number,
      holder: current,
      next: next === null ? null : person(next),
      outOfTurn,
      waitReason: current === null || current.isMe ? null : `It is ${current.name}'s turn.`,
    };
  }, [turnMode, maxPlayers, participants, cards, people]);
}
