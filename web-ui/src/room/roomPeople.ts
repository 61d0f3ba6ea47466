import { mergePeople, type NamedPerson, namesOf, type Person } from "./people";
import type { RoomPresence } from "./presence";
import type { RoomDoc } from "./schema/document";
import { readParticipants } from "./schema/read";
import { derivedSource, partOf, type Source, shallowEqual } from "./store";

/** The people of a room, derived once for all components of the page. */
export class RoomPeople {
  /** All people in order of joining, with their presence. Guests that are not participants come last. */
  readonly all: Source<readonly Person[]>;
  /** The same people without their presence. The list stays the same object while people only move, type or leave. */
  readonly named: Source<readonly NamedPerson[]>;

  constructor(
    doc: Source<RoomDoc>,
    { peers, own }: Pick<RoomPresence, "peers" | "own">,
    showsTyping: Source<boolean>,
    me: string,
  ) {
    const participants = partOf(doc, readParticipants);
    this.all = derivedSource([participants, peers, own, showsTyping], (listed, others, self, typing) => {
      const present = [self, ...others.values()];
      return mergePeople(listed, typing ? present : present.map((each) => ({ ...each, typing: null })), me);
    });
    this.named = derivedSource([this.all], (people) => namesOf(people), keepEqual);
  }
}

/** The people before, if they are equal to the new ones; equal persons stay the same objects in any case. */
function keepEqual(next: readonly NamedPerson[], before: readonly NamedPerson[]): readonly NamedPerson[] {
  const known = new Map(before.map((person) => [person.id, person]));
  const kept = next.map((person) => {
    const old = known.get(person.id);
    return old !== undefined && shallowEqual(old, person) ? old : person;
  });
  return kept.length === before.length && kept.every((person, at) => person === before[at]) ? before : kept;
}
