import { describe, expect, it } from "vitest";
import type { Participant } from "../../room/schema/read";
import { turnsOf } from "./turns";

const person = (id: string, joinedAt: number, role: Participant["role"] = "player"): Participant => ({
  id,
  name: id,
  avatar: null,
  color: null,
  role,
  joinedAt,
});
const people = [person("a", 1, "host"), person("b", 2), person("c", 3), person("s", 4, "spectator")];
const play = (id: string, by: string, turn: number | null, at = 0) => ({ id, by, turn, at });
const nobody = () => false;

describe("turns", () => {
  it("start with the first person who joined and pass in order of joining", () => {
    expect(turnsOf(people, [], 10, nobody)).toMatchObject({ number: 0, holder: "a", next: "b" });
    const played = [play("1", "a", 0), play("2", "b", 1), play("3", "c", 2)];
    expect(turnsOf(people, played, 10, nobody)).toMatchObject({ number: 3, holder: "a", next: "b" });
  });

  it("[TU2] accept one of two concurrent plays for one turn, and skip no person", () => {
    const turns = turnsOf(people, [play("2", "b", 0), play("1", "a", 0)], 10, nobody);
    expect(turns).toMatchObject({ number: 1, holder: "b" });
    expect([...turns.outOfTurn]).toEqual(["2"]);
  });

  it("[TU2] mark a play as out of turn if its turn is in the future or its author has no turn", () => {
    const turns = turnsOf(people, [play("1", "s", 0), play("2", "c", 7), play("3", "c", null)], 10, nobody);
    expect(turns).toMatchObject({ number: 0, holder: "a" });
    expect([...turns.outOfTurn].sort()).toEqual(["1", "2"]);
  });

  it("[TU3] pass over absent people, and accept the play of the next person", () => {
    expect(turnsOf(people, [], 10, (id) => id === "a")).toMatchObject({ holder: "b", next: "c" });
    expect(turnsOf(people, [play("1", "b", 0)], 10, nobody)).toMatchObject({ number: 1, holder: "c" });
    expect(turnsOf(people, [], 10, () => true)).toMatchObject({ holder: null, next: null });
  });

  it("[TU1] belong to people with seats, and hosts get seats first", () => {
    const late = [person("p", 1), person("q", 2), person("h", 3, "host")];
    expect(turnsOf(late, [], 2, nobody)).toMatchObject({ holder: "p", next: "h" });
  });

  it("have no next person in a room with one person", () => {
    expect(turnsOf([person("a", 1)], [], 10, nobody)).toMatchObject({ holder: "a", next: null });
  });
});
