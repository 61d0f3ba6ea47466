import { useMemo } from "react";
import { type Person, usePeople } from "../../room";
import { cardTexts } from "../../texts";

/** Gives the person of an identity. An unknown identity gives a placeholder with a name. */
export type PersonOf = (identity: string) => Person;

const unknownPerson = (id: string): Person => ({
  id,
  name: id === "parlor" || id === "" ? "Parlor" : cardTexts.someone,
  avatar: null,
  color: 0,
  role: "spectator",
  status: "offline",
  where: null,
  typing: null,
  isMe: false,
  guest: true,
});

export const personIn = (people: readonly Person[]): PersonOf => {
  const byId = new Map(people.map((person) => [person.id, person]));
  return (identity) => byId.get(identity) ?? unknownPerson(identity);
};

export function usePersonOf(): PersonOf {
  const people = usePeople();
  return useMemo(() => personIn(people), [people]);
}
