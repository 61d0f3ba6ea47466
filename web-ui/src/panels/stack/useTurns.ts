import { useEffect, useMemo, useRef, useState } from "react";
import { type Person, useCards, useParticipants, usePeople, useSettings } from "../../room";
import { stackTexts } from "../../texts";
import { personIn } from "../shared/people";
import { Absence } from "./absence";
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
  const absent = useAbsent(people);
  return useMemo(() => {
    if (turnMode !== "turns") return null;
    const person = personIn(people);
    const { number, holder, next, outOfTurn } = turnsOf(
      participants,
      cards,
      maxPlayers,
      (id) => absent.has(id) || !people.some((each) => each.id === id),
    );
    const current = holder === null ? null : person(holder);
    return {
      number,
      holder: current,
      next: next === null ? null : person(next),
      outOfTurn,
      waitReason: current === null || current.isMe ? null : stackTexts.itIsSTurn(current.name),
    };
  }, [turnMode, maxPlayers, participants, cards, people, absent]);
}

/** The people who have been offline for longer than the grace time. */
function useAbsent(people: readonly Person[]): ReadonlySet<string> {
  const absence = useRef(new Absence());
  const [, setTime] = useState(0);
  const { absent, nextAt } = absence.current.update(people, Date.now());
  const key = [...absent].join(" ");
  useEffect(() => {
    if (nextAt === null) return;
    const timer = setTimeout(() => setTime(nextAt), nextAt - Date.now());
    return () => clearTimeout(timer);
  }, [nextAt]);
  return useMemo(() => new Set(key === "" ? [] : key.split(" ")), [key]);
}
