import type { Card, Generation, Participant, Person, Result, Settings } from "../../room";
import type { DeckCard } from "../hand/deck";
import { answersOf } from "../output/results";
import { runningOf } from "../output/running";
import { turnsOf } from "../stack/turns";

/** The data from which a page's state is derived: from the document, presence and this browser. */
export type Facts = {
  readonly slug: string;
  readonly me: { readonly identity: string; readonly name: string };
  readonly title: string;
  readonly settings: Settings;
  readonly participants: readonly Participant[];
  readonly people: readonly Person[];
  readonly cards: readonly Card[];
  readonly hand: readonly DeckCard[];
  readonly heads: readonly string[];
  readonly generation: Generation;
  readonly results: readonly Result[];
};

/** The values that a page shows, for debugging and tests. They are derived and not stored. */
export type ClientState = {
  readonly sessionId: string;
  readonly playerName: string;
  readonly session: {
    readonly title: string;
    readonly status: Settings["status"];
    readonly turnMode: Settings["turnMode"];
    readonly maxPlayers: number;
  };
  readonly players: readonly {
    readonly name: string;
    readonly role: Person["role"];
    readonly status: Person["status"];
  }[];
  readonly stack: readonly { readonly type: string; readonly text: string; readonly muted: boolean }[];
  readonly hand: readonly { readonly type: string; readonly text: string }[];
  readonly currentPlayer: string | null;
  readonly isMyTurn: boolean;
  readonly latestResult: {
    readonly request: string;
    readonly status: Result["status"];
    readonly text: string;
  } | null;
  readonly generating: { readonly request: string; readonly by: string } | null;
  /** The heads of the document. All peers have equal heads when all changes have arrived. */
  readonly heads: readonly string[];
};

export function clientState(facts: Facts): ClientState {
  const { settings, me } = facts;
  const free = settings.turnMode === "free";
  const isOffline = (id: string) => facts.people.find((person) => person.id === id)?.status === "offline";
  const holder = free
    ? null
    : turnsOf(facts.participants, facts.cards, settings.maxPlayers, isOffline).holder;
  const mayPlay = facts.participants.some((each) => each.id === me.identity && each.role !== "spectator");
  const latest = answersOf(facts.results).at(-1);
  const running = runningOf(facts.generation, facts.results);
  return {
    sessionId: facts.slug,
    playerName: facts.people.find((person) => person.isMe)?.name ?? me.name,
    session: {
      title: facts.title,
      status: settings.status,
      turnMode: settings.turnMode,
      maxPlayers: settings.maxPlayers,
    },
    players: facts.people.map(({ name, role, status }) => ({ name, role, status })),
    stack: facts.cards
      .filter((card) => card.removedBy === null)
      .map(({ type, text, muted }) => ({ type, text, muted })),
    hand: facts.hand.map(({ type, text }) => ({ type, text })),
    currentPlayer: holder,
    isMyTurn: free ? mayPlay : holder === me.identity,
    latestResult:
      latest === undefined ? null : { request: latest.request, status: latest.status, text: latest.text },
    heads: facts.heads,
    generating: running === null ? null : { request: running.request, by: running.by },
  };
}
