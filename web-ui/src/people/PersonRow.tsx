import { Icon } from "../icon/Icon";
import { canFollow, leaderIn, useLeader } from "../panels/follow/follow";
import { type Person, type RoomWindow, useRoom } from "../room";
import { followTexts, peopleTexts } from "../texts";
import { Avatar } from "./People";
import { PersonMenu } from "./PersonMenu";

const STATUS = { online: "online", idle: "idle", away: "away", offline: peopleTexts.notHere } as const;
const ROLE = { host: "host", player: "player", spectator: "watching" } as const;

function statusText({ status, isMe }: Person): string {
  return isMe && status === "offline" ? peopleTexts.offline : STATUS[status];
}

/** A row for one person: name, state, place ("in Notes"), role. */
export function PersonRow({
  person,
  hasTurn,
  windows,
}: {
  readonly person: Person;
  readonly hasTurn: boolean;
  readonly windows: readonly RoomWindow[];
}) {
  const parts: string[] = [person.removed ? "removed" : statusText(person)];
  const place = person.status === "offline" ? null : placeText(person.typing ?? person.where, windows);
  if (place !== null)
    parts.push(person.typing === null ? peopleTexts.inPlace(place) : peopleTexts.typingIn(place));
  const owner = useRoom().record.owner === person.id;
  if (!person.removed) parts.push(person.guest ? peopleTexts.guestProgram : ROLE[person.role]);
  if (owner) parts.push("owner");
  if (hasTurn) parts.push(peopleTexts.hasTheTurn);
  return (
    <li className={`person is-${person.status}`}>
      <Avatar person={person} turn={hasTurn} />
      <span>
        <b>
          {person.name}
          {person.isMe && peopleTexts.youSuffix}
        </b>
        <small>{parts.join(" · ")}</small>
      </span>
      <FollowButton person={person} />
      <PersonMenu person={person} />
    </li>
  );
}

/** Follows a person, or stops it [U22]. */
function FollowButton({ person }: { readonly person: Person }) {
  const room = useRoom();
  const leader = useLeader();
  if (!canFollow(person)) return null;
  const isLeader = leader === person.id;
  const label = isLeader ? followTexts.stopFollowing(person.name) : followTexts.followPerson(person.name);
  return (
    <button
      type="button"
      className="icon-btn person-follow"
      aria-label={label}
      title={label}
      aria-pressed={isLeader}
      onClick={() => leaderIn(room).set(isLeader ? null : person.id)}
    >
      <Icon name="eye" />
    </button>
  );
}

/** The name of a place from presence, or null if the place is unknown. */
export function placeText(place: string | null, windows: readonly RoomWindow[]): string | null {
  if (place === null) return null;
  const window = windows.find((candidate) => candidate.id === place);
  if (window !== undefined) return window.title || window.type;
  if (place === "query") return peopleTexts.theQuestion;
  return place === "chat" ? peopleTexts.chat : place === "hand" ? peopleTexts.theHand : null;
}
