import type { NamedPerson } from "../../room/people";
import { shallowEqual } from "../../room/store";
import { personIn } from "../shared/people";

/** The fields of a person that an exchange shows. Presence is not among them. */
export type Author = Pick<NamedPerson, "id" | "name" | "avatar" | "color" | "isMe">;

export type Authors = ReadonlyMap<string, Author>;

const authorOf = ({ id, name, avatar, color, isMe }: NamedPerson): Author => ({
  id,
  name,
  avatar,
  color,
  isMe,
});

/**
 * The authors of all people. An author whose fields did not change is the same object as before, so that presence, for
 * example of a person who types, draws no answer again.
 */
export function keepAuthors(before: Authors, people: readonly NamedPerson[]): Authors {
  return new Map(
    people.map((person) => {
      const author = authorOf(person);
      const kept = before.get(person.id);
      return [person.id, kept !== undefined && shallowEqual(kept, author) ? kept : author];
    }),
  );
}

const unknown = personIn<NamedPerson>([]);
const unknownAuthors = new Map<string, Author>();

/** The author with an identity, or a placeholder, which is the same object for each call. */
export function authorIn(authors: Authors, identity: string): Author {
  const found = authors.get(identity) ?? unknownAuthors.get(identity);
  if (found !== undefined) return found;
  const author = authorOf(unknown(identity));
  unknownAuthors.set(identity, author);
  return author;
}
