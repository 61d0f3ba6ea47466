import { type DeckCard, deck } from "./deck";
import { shuffled } from "./shuffle";

export const HAND_SIZE = 5;

/**
 * A person's private hand: the ids of its cards by place, and the number of cards drawn so far. It is stored in this
 * browser and never sent.
 */
export type Hand = { readonly held: readonly string[]; readonly drawn: number };

const byId = new Map(deck.map((card) => [card.id, card]));

/**
 * The id of the n-th card that this person draws in this room. When the deck is used up, it is shuffled again with
 * another seed.
 */
function nthDraw(seed: string, n: number): string {
  const round = Math.floor(n / deck.length);
  const order = shuffled(deck, `${seed}/${round}`);
  return (order[n % deck.length] as DeckCard).id;
}

/** Draws the next card that is not in the hand yet. */
function draw(seed: string, held: readonly string[], drawn: number): { id: string; drawn: number } {
  let n = drawn;
  let id = nthDraw(seed, n++);
  while (held.includes(id)) {
    id = nthDraw(seed, n++);
  }
  return { id, drawn: n };
}

/** The seed for one person's shuffled deck in one room. */
export const handSeed = (slug: string, identity: string): string => `${slug}/${identity}`;

export function dealHand(seed: string): Hand {
  let held: string[] = [];
  let drawn = 0;
  while (held.length < HAND_SIZE) {
    const next = draw(seed, held, drawn);
    held = [...held, next.id];
    drawn = next.drawn;
  }
  return { held, drawn };
}

/** The hand after the card in one place was played or discarded: a new card takes that place. */
export function refill(hand: Hand, place: number, seed: string): Hand {
  if (place < 0 || place >= hand.held.length) {
    return hand;
  }
  const next = draw(seed, hand.held, hand.drawn);
  return { held: hand.held.map((id, at) => (at === place ? next.id : id)), drawn: next.drawn };
}

/** The hand after all its cards were put away: five new cards. */
export function redraw(hand: Hand, seed: string): Hand {
  let next = hand;
  for (let place = 0; place < hand.held.length; place++) next = refill(next, place, seed);
  return next;
}

export const cardsOf = (hand: Hand): DeckCard[] =>
  hand.held.map((id) => byId.get(id)).filter((card) => card !== undefined);

/** The part of `localStorage` that a hand needs. */
export type HandStorage = Pick<Storage, "getItem" | "setItem">;

export const handKey = (slug: string, identity: string): string => `parlor/hand/${slug}/${identity}`;

/** The stored hand, or a new hand if the stored value is missing or malformed. */
export function loadHand(storage: HandStorage, slug: string, identity: string): Hand {
  const seed = handSeed(slug, identity);
  try {
    const hand: unknown = JSON.parse(storage.getItem(handKey(slug, identity)) ?? "null");
    return isHand(hand) ? hand : dealHand(seed);
  } catch {
    return dealHand(seed);
  }
}

/** Stores the hand. If the storage is full or forbidden, the next visit deals a new hand. */
export function saveHand(storage: HandStorage, slug: string, identity: string, hand: Hand): void {
  try {
    storage.setItem(handKey(slug, identity), JSON.stringify(hand));
  } catch {
    // The hand stays in memory.
  }
}

function isHand(value: unknown): value is Hand {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { held, drawn } = value as Partial<Record<keyof Hand, unknown>>;
  return (
    Array.isArray(held) &&
    held.length === HAND_SIZE &&
    new Set(held).size === HAND_SIZE &&
    held.every((id) => byId.has(id)) &&
    Number.isSafeInteger(drawn) &&
    (drawn as number) >= 0
  );
}
