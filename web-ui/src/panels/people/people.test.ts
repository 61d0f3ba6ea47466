import { describe, expect, it } from "vitest";
import { avatarText } from "../../room/names";
import { mergePeople, type Person } from "../../room/people";
import { personIn } from "../shared/people";
import { placeText } from "./PeoplePanel";

const heron: Person = {
  id: "id_heron",
  name: "Quiet Heron",
  avatar: null,
  color: 3,
  role: "player",
  status: "online",
  where: null,
  typing: null,
  isMe: false,
  guest: false,
};
const names = (where: string) => ({ w1: "Keep", chat: "Chat" })[where] ?? null;

describe("the place of a person", () => {
  it.each<[Partial<Person>, string | null]>([
    [{}, null],
    [{ where: "w1" }, "in Keep"],
    [{ where: "gone" }, null],
    [{ where: "w1", typing: "chat" }, "writing in Chat"],
    [{ typing: "query" }, "writing a query"],
    [{ typing: "gone" }, "writing"],
    [{ where: "w1", status: "offline" }, null],
  ])("%j reads as %j", (part, text) => expect(placeText({ ...heron, ...part }, names)).toBe(text));
});

describe("the person of an identity", () => {
  it("has a name even if the identity is not in the room", () => {
    const person = personIn([heron]);
    expect(person("id_heron").name).toBe("Quiet Heron");
    expect(person("parlor").name).toBe("Parlor");
    expect(person("id_nobody").name).toBe("Someone");
  });
});

describe("the names of people", () => {
  const joined = (id: string, name: string, at: number) => ({
    id,
    name,
    avatar: null,
    color: null,
    role: "player" as const,
    joinedAt: at,
    removedBy: null,
  });

  it("differ: a later person of the same name gets a number, which the avatar shows too", () => {
    const people = mergePeople(
      [joined("a", "Ada", 1), joined("b", "Bob", 2), joined("c", "ada", 3), joined("d", "Ada", 4)],
      [],
      "a",
    );
    expect(people.map(({ name }) => name)).toEqual(["Ada", "Bob", "ada (2)", "Ada (3)"]);
    expect(people.map(({ name, avatar }) => avatarText(name, avatar))).toEqual(["A", "B", "A2", "A3"]);
  });
});
