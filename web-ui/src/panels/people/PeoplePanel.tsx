import { PersonMenu } from "../../people/PersonMenu";
import { avatarText, colorVar, type Person, useRoom } from "../../room";
import { peopleTexts } from "../../texts";
import { RecentChanges } from "./RecentChanges";
import "./people.css";

export type PeopleProps = {
  /** People in order of joining, which is the order of turns. */
  readonly people: readonly Person[];
  /** The name of a place: a window's title, or null if it is unknown. */
  readonly placeName: (where: string) => string | null;
  /** The person whose turn it is, in rooms that take turns. */
  readonly turn: string | null;
  /** A window's title, or null if the window is gone. */
  readonly windowTitle: (id: string) => string | null;
};

/** The people in the room, with their roles and places as text, not by colour alone. */
export function PeoplePanel({ people, placeName, turn, windowTitle }: PeopleProps) {
  const isHost = useRoom().role === "host";
  const present = people.filter((person) => person.status !== "offline");
  const absent = people.filter((person) => person.status === "offline");
  return (
    <div className="people-panel">
      <ul className="people-all" aria-label={peopleTexts.peopleHere(present.length)}>
        {[...present, ...absent]
          .filter((person) => isHost || !person.removed)
          .map((person) => (
            <Row
              key={person.id}
              person={person}
              place={placeText(person, placeName)}
              turn={person.id === turn}
            />
          ))}
      </ul>
      <RecentChanges titleOf={windowTitle} />
    </div>
  );
}

function Row({ person, place, turn }: { person: Person; place: string | null; turn: boolean }) {
  return (
    <li className="people-row" data-person={person.id} data-status={person.status}>
      <span
        className="people-avatar"
        data-turn={turn}
        style={{ "--p": colorVar(person.color) }}
        aria-hidden="true"
      >
        {avatarText(person.name, person.avatar)}
      </span>
      <span className="people-who">
        <b style={{ color: colorVar(person.color) }}>{person.name}</b>
        {person.isMe && <small>{peopleTexts.youTag}</small>}
        {turn && <small className="people-turn">{peopleTexts.turn}</small>}
      </span>
      <span className="people-role">
        {person.removed ? "" : person.guest ? peopleTexts.guest : person.role}
        <PersonMenu person={person} />
      </span>
      <span className="people-state">
        {person.removed ? peopleTexts.removed : [statusText[person.status], place].filter(Boolean).join(", ")}
      </span>
    </li>
  );
}

const statusText: Record<Person["status"], string> = {
  online: "online",
  idle: "idle",
  away: "away",
  offline: peopleTexts.notHereNow,
};

/** "writing in Keep", "in Chat", or null. */
export function placeText(person: Person, placeName: PeopleProps["placeName"]): string | null {
  if (person.status === "offline") return null;
  if (person.typing !== null) {
    if (person.typing === "query") return peopleTexts.writingAQuery;
    const name = placeName(person.typing);
    return name === null ? "writing" : peopleTexts.writingIn(name);
  }
  const name = person.where === null ? null : placeName(person.where);
  return name === null ? null : peopleTexts.inWindow(name);
}
