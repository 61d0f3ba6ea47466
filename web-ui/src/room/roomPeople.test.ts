import { describe, expect, it } from "vitest";
import type { PresenceState } from "./people";
import { RoomPeople } from "./roomPeople";
import type { RoomDoc } from "./schema/document";
import { Cell, derivedSource } from "./store";

const person = (name: string) => ({ name, avatar: null, color: null, role: "player", joinedAt: 1 });
const docOf = (participants: Record<string, unknown>): RoomDoc => ({ participants }) as unknown as RoomDoc;
const presence = (identity: string, more: Partial<PresenceState> = {}): PresenceState => ({
  identity,
  name: identity,
  status: "online",
  where: null,
  typing: null,
  ...more,
});

function room() {
  const doc = new Cell(docOf({ ada: person("Ada"), bob: person("Bob") }));
  const peers = new Cell<ReadonlyMap<string, PresenceState>>(new Map([["p", presence("bob")]]));
  const own = new Cell(presence("ada"));
  const typing = new Cell(true);
  return { doc, peers, own, typing, people: new RoomPeople(doc, { peers, own }, typing, "ada") };
}

describe("the people of a room", () => {
  it("keep their names as the same list while a person moves or types, so that no message is drawn again", () => {
    const { peers, people } = room();
    const before = people.named.get();
    peers.set(new Map([["p", presence("bob", { typing: "chat", where: "chat", status: "idle" })]]));
    expect(people.all.get().find(({ id }) => id === "bob")).toMatchObject({ typing: "chat", status: "idle" });
    expect(people.named.get()).toBe(before);
  });

  it("keep the other persons as the same objects when one person changes the name", () => {
    const { doc, people } = room();
    const [ada] = people.named.get();
    doc.set(docOf({ ada: person("Ada"), bob: person("Robert") }));
    expect(people.named.get()[0]).toBe(ada);
    expect(people.named.get()[1]?.name).toBe("Robert");
  });

  it("type for nobody where the room has switched that off", () => {
    const { peers, typing, people } = room();
    peers.set(new Map([["p", presence("bob", { typing: "chat" })]]));
    typing.set(false);
    expect(people.all.get().map((each) => each.typing)).toEqual([null, null]);
  });
});

describe("a derived source", () => {
  it("is computed once for all readers, and again only after an input has changed", () => {
    const input = new Cell(1);
    let computed = 0;
    const source = derivedSource([input], (value) => {
      computed++;
      return value * 2;
    });
    expect([source.get(), source.get(), computed]).toEqual([2, 2, 1]);
    input.set(5);
    expect([source.get(), computed]).toEqual([10, 2]);
  });

  it("tells its listeners about each input until they leave", () => {
    const [a, b] = [new Cell(1), new Cell(1)];
    let told = 0;
    const stop = derivedSource([a, b], (x, y) => x + y).subscribe(() => told++);
    a.set(2);
    b.set(2);
    stop();
    a.set(3);
    expect(told).toBe(2);
  });
});
