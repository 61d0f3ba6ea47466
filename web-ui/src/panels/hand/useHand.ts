import { useCallback, useEffect, useMemo, useState } from "react";
import { useRoom } from "../../room";
import { browserStorage } from "../../room/memory";
import type { DeckCard } from "./deck";
import { cardsOf, handKey, handSeed, loadHand, redraw, refill, saveHand } from "./hand";

/** This person's hand in this room, the same in all tabs of this browser. */
export function useHand(): {
  readonly cards: readonly DeckCard[];
  /** Removes a card and draws a new one. */
  readonly take: (place: number) => DeckCard | null;
  /** Puts all cards away and draws five new cards. */
  readonly drawAll: () => void;
} {
  const { slug, me } = useRoom();
  const { identity } = me;
  const [hand, setHand] = useState(() => loadHand(browserStorage, slug, identity));

  useEffect(() => {
    const onStorage = (event: StorageEvent) => {
      if (event.key === handKey(slug, identity)) setHand(loadHand(browserStorage, slug, identity));
    };
    saveHand(browserStorage, slug, identity, hand);
    window.addEventListener("storage", onStorage);
    return () => window.removeEventListener("storage", onStorage);
  }, [slug, identity, hand]);

  const cards = useMemo(() => cardsOf(hand), [hand]);
  const take = useCallback(
    (place: number) => {
      const card = cards[place] ?? null;
      if (card !== null) setHand((now) => refill(now, place, handSeed(slug, identity)));
      return card;
    },
    [cards, slug, identity],
  );
  const drawAll = useCallback(
    () => setHand((now) => redraw(now, handSeed(slug, identity))),
    [slug, identity],
  );
  return { cards, take, drawAll };
}
