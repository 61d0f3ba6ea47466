import { useMemo } from "react";
import { type NamedPerson, type Person, useNamedPeople } from "../../room";
import { cardTexts } from "../../texts";

/** Gives the person of an identity. An unknown identity gives a placeholder with a name. */
export type PersonOf<P extends NamedPerson = NamedPerson> = (identity: string) => P;

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

export const personIn = <P extends NamedPerson>(people: readonly P[]): PersonOf<P | Person> => {
  const byId = new Map(people.map((person) => [person.id, person]));
  return (identity) => byId.get(identity) ?? unknownPerson(identity);
};

/** The people by identity, without presence, so that no list is rendered again when a person moves or types. */
export function usePersonOf(): PersonOf {
  const people = useNamedPeople();
  return useMemo(() => personIn(people), [people]);
}
