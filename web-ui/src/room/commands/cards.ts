import { roomTexts } from "../../texts";
import type { CardType, RoomDoc } from "../schema/document";
import { keyAfterAll, keyBetween } from "../schema/order";
import { byKeyThenId, readCards } from "../schema/read";
import { scalar, str, strOrNull } from "../schema/scalars";
import { writeText } from "../schema/texts";
import { type Authorship, type Command, mapOf, setField, undoStep } from "./command";

export interface NewCard extends Authorship {
  readonly id: string;
  readonly type: CardType;
  readonly text: string;
  readonly image?: string | null;
  readonly turn?: number | null;
  /** The place among the cards that are not removed; missing for the end. */
  readonly index?: number | undefined;
}

/** Adds a card to the stack. Undo removes the card, and redo restores it. */
export function playCard(card: NewCard): Command {
  return (doc) => {
    const cards = mapOf(doc, "cards");
    const order = card.index === undefined ? orderAfterAll(cards) : orderOfNew(cards, card.index);
    cards[card.id] = {
      type: scalar(card.type),
      text: card.text,
      image: card.image ? scalar(card.image) : null,
      by: scalar(card.by),
      at: card.at,
      order: scalar(order),
      turn: card.turn ?? null,
      muted: false,
      removedBy: null,
    };
    return {
      label: roomTexts.playCard,
      sets: [{ path: ["cards", card.id, "removedBy"], from: card.by, to: null }],
    };
  };
}

const orderAfterAll = (cards: RoomDoc["cards"]): string =>
  keyAfterAll(Object.values(cards).map((other) => str(other.order)));

/** The order key of a new card at `index` among the cards that are not removed. */
function orderOfNew(cards: RoomDoc["cards"], index: number): string {
  const keys = Object.entries(cards)
    .filter(([, other]) => strOrNull(other.removedBy) === null)
    .map(([id, other]) => ({ id, order: str(other.order) }))
    .sort((a, b) => byKeyThenId(a.order, b.order, a.id, b.id))
    .map(({ order }) => order);
  return index >= keys.length
    ? orderAfterAll(cards)
    : keyBetween(keys[index - 1] ?? null, keys[index] ?? null);
}

export function muteCard(id: string, muted: boolean): Command {
  return (doc) =>
    undoStep(muted ? roomTexts.muteCard : roomTexts.unmuteCard, [
      setField(doc, ["cards", id, "muted"], muted),
    ]);
}

export function removeCard(id: string, by: string): Command {
  return (doc) => undoStep(roomTexts.removeCard, [setField(doc, ["cards", id, "removedBy"], by)]);
}

export function restoreCard(id: string): Command {
  return (doc) => undoStep(roomTexts.restoreCard, [setField(doc, ["cards", id, "removedBy"], null)]);
}

/** Moves a card to `index` among the cards that are not removed, counted without the moved card. */
export function moveCard(id: string, index: number): Command {
  return (doc) => {
    const order = orderAt(doc, id, index);
    return order === undefined
      ? undefined
      : undoStep(roomTexts.moveCard, [setField(doc, ["cards", id, "order"], order)]);
  };
}

function orderAt(doc: RoomDoc, id: string, index: number): string | undefined {
  const shown = readCards(doc).filter((card) => card.removedBy === null);
  const from = shown.findIndex((card) => card.id === id);
  const others = shown.filter((card) => card.id !== id);
  const to = Math.max(0, Math.min(index, others.length));
  if (from === to || from < 0) return undefined;
  return keyBetween(others[to - 1]?.order ?? null, others[to]?.order ?? null);
}

/** Replaces a card's text by merging the difference into it, so that concurrent edits of the text stay. */
export function setCardText(id: string, text: string): Command {
  return (doc) => {
    writeText(doc, ["cards", id, "text"], text);
  };
}
