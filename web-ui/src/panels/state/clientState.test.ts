import { describe, expect, it } from "vitest";
import type { Card, Participant, Person, Result } from "../../room";
import { clientState, type Facts } from "./clientState";

const participant = (id: string, joinedAt: number, role: Participant["role"]): Participant => ({
  id,
  name: `Name of ${id}`,
  avatar: null,
  color: null,
  role,
  joinedAt,
});
const person = (id: string, isMe: boolean, status: Person["status"] = "online"): Person => ({
  id,
  name: `Name of ${id}`,
  avatar: null,
  color: 1,
  role: id === "s" ? "spectator" : "player",
  status,
  where: null,
  typing: null,
  isMe,
  guest: false,
});
const card = (id: string, part: Partial<Card> = {}): Card => ({
  id,
  type: "tone",
  text: id,
  image: null,
  by: "a",
  at: 1,
  order: id,
  turn: null,
  muted: false,
  removedBy: null,
  ...part,
});
const answer = (request: string, status: Result["status"]): Result => ({
  request,
  by: "b",
  query: "q",
  prompt: "",
  model: "",
  cards: [],
  text: "words",
  status,
  reason: null,
  usage: null,
  epoch: 1,
  startedAt: 1,
  endedAt: null,
  ttftMs: null,
  totalMs: null,
});

const facts: Facts = {
  slug: "room",
  me: { identity: "a", name: "old name" },
  title: "Launch",
  settings: {
    turnMode: "turns",
    maxPlayers: 10,
    status: "active",
    stackRule: "latest",
    model: null,
    spectatorChat: false,
    systemPrompt: "",
    parts: { cursors: true, carets: true, typing: true, patterns: true },
  },
  participants: [
    participant("a", 1, "host"),
    participant("b", 2, "player"),
    participant("s", 3, "spectator"),
  ],
  people: [person("a", true), person("b", false), person("s", false)],
  cards: [card("1", { turn: 0 }), card("2", { removedBy: "b" }), card("3", { muted: true })],
  hand: [{ id: "tone-1", type: "tone", text: "Dry" }],
  heads: ["aa", "bb"],
  generation: { epoch: 0, lock: null, grant: null, stop: null },
  results: [answer("r1", "done"), answer("r2", "refused")],
};

describe("the state of a page", () => {
  it("is derived from document, presence and hand", () => {
    expect(clientState(facts)).toEqual({
      sessionId: "room",
      playerName: "Name of a",
      session: { title: "Launch", status: "active", turnMode: "turns", maxPlayers: 10 },
      players: [
        { name: "Name of a", role: "player", status: "online" },
        { name: "Name of b", role: "player", status: "online" },
        { name: "Name of s", role: "spectator", status: "online" },
      ],
      stack: [
        { type: "tone", text: "1", muted: false },
        { type: "tone", text: "3", muted: true },
      ],
      hand: [{ type: "tone", text: "Dry" }],
      currentPlayer: "b",
      isMyTurn: false,
      latestResult: { request: "r1", status: "done", text: "words" },
      generating: null,
      heads: ["aa", "bb"],
    });
  });

  it("gives the turn to every person but spectators in a room without turns", () => {
    const free: Facts = { ...facts, settings: { ...facts.settings, turnMode: "free" } };
    expect(clientState(free)).toMatchObject({ currentPlayer: null, isMyTurn: true });
    expect(clientState({ ...free, me: { identity: "s", name: "s" } }).isMyTurn).toBe(false);
  });

  it("passes the turn over a person who left, and names the author of the running generation", () => {
    const lock = { request: "r3", by: "b", at: 1, query: "q", cards: [], seen: 0 };
    const state = clientState({
      ...facts,
      people: [person("a", true), person("b", false, "offline")],
      generation: { ...facts.generation, lock },
    });
    expect(state).toMatchObject({
      currentPlayer: "a",
      isMyTurn: true,
      generating: { request: "r3", by: "b" },
    });
  });
});
