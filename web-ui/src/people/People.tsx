import "./people.css";
import { Popover } from "radix-ui";
import { useState } from "react";
import { isFollowable, setFollowable } from "../panels/follow/follow";
import { useTurns } from "../panels/stack/useTurns";
import {
  avatarText,
  type Connection,
  colorVar,
  type Person,
  useGeneration,
  usePeople,
  useRoom,
  useSource,
  useWindows,
} from "../room";
import { followTexts, peopleTexts } from "../texts";
import { PersonRow } from "./PersonRow";

const isOpen = ({ state }: Connection): boolean => state === "open";

const SHOWN = 5;
/** The number of circles on a phone, with the count of the other people. The title needs the space. */
const SHOWN_ON_PHONE = 2;

/**
 * The people in the header: at most five avatars and a count, this person first. A click opens the list of all people
 * with their states in words [U2].
 */
export function People({ compact }: { readonly compact: boolean }) {
  const isConnected = useSource(useRoom().socket.connection, isOpen);
  // Without the server, no person's presence is known, and this person is not seen by others.
  const people = usePeople().map((person) =>
    isConnected || !person.isMe ? person : { ...person, status: "offline" as const },
  );
  const turn = useTurns()?.holder?.id ?? null;
  const generation = useGeneration();
  const present = people.filter((person) => person.isMe || person.status !== "offline");
  const ordered = [...present].sort((a, b) => Number(b.isMe) - Number(a.isMe));
  const limit = compact ? (ordered.length > SHOWN_ON_PHONE ? SHOWN_ON_PHONE - 1 : SHOWN_ON_PHONE) : SHOWN;
  const shown = ordered.slice(0, limit);
  const hiddenCount = ordered.length - shown.length;
  const generatingFor = generation.grant === null ? null : (generation.lock?.by ?? null);
  return (
    <section className="people" aria-label={peopleTexts.people}>
      <Popover.Root>
        <Popover.Trigger className="people-stack" aria-label={presentText(ordered)}>
          {shown.map((person) => (
            <Avatar
              key={person.id}
              person={person}
              turn={person.id === turn || person.id === generatingFor}
            />
          ))}
          {hiddenCount > 0 && <span className="avatar avatar-rest">+{hiddenCount}</span>}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className="menu people-menu"
            align="end"
            sideOffset={8}
            collisionPadding={8}
            aria-label={peopleTexts.peopleInThisRoom}
          >
            <p className="menu-label">{peopleTexts.peopleInThisRoom}</p>
            <PeopleList people={people} turn={turn} />
            <FollowMe />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </section>
  );
}

/** The switch with which this person lets others follow. */
function FollowMe() {
  const room = useRoom();
  const [on, setOn] = useState(isFollowable);
  return (
    <label className="people-follow">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => {
          setOn(event.target.checked);
          setFollowable(room, event.target.checked);
        }}
      />
      {followTexts.allow}
    </label>
  );
}

export function PeopleList({
  people,
  turn,
}: {
  readonly people: readonly Person[];
  readonly turn: string | null;
}) {
  const windows = useWindows();
  const { me, role } = useRoom();
  const order = { online: 0, idle: 1, away: 2, offline: 3 } as const;
  const shown = role === "host" ? people : people.filter((person) => !person.removed);
  const sorted = [...shown].sort(
    (a, b) =>
      Number(a.removed ?? false) - Number(b.removed ?? false) ||
      Number(b.id === me.identity) - Number(a.id === me.identity) ||
      order[a.status] - order[b.status],
  );
  return (
    <ul className="people-list">
      {sorted.map((person) => (
        <PersonRow key={person.id} person={person} hasTurn={person.id === turn} windows={windows} />
      ))}
    </ul>
  );
}

export function Avatar({ person, turn = false }: { readonly person: Person; readonly turn?: boolean }) {
  return (
    <span
      className={`avatar is-${person.status}${turn ? " has-turn" : ""}${person.isMe ? " is-me" : ""}`}
      style={{ "--c": colorVar(person.color) }}
      title={person.name}
      aria-hidden="true"
    >
      {avatarText(person.name, person.avatar)}
      <small />
    </span>
  );
}

export function presentText(people: readonly Person[]): string {
  const names = people.map((person) => (person.isMe ? peopleTexts.you(person.name) : person.name));
  return peopleTexts.here(
    people.length === 1 ? "1 person" : peopleTexts.personCount(people.length),
    names.join(", "),
  );
}
