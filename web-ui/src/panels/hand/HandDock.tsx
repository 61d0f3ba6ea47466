import { useEffect, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import type { CardType } from "../../room/schema/document";
import { kindOf } from "../shared/cards";
import { animateToStack } from "./cardAnimation";
import type { DeckCard } from "./deck";
import { OwnCardDialog } from "./OwnCardDialog";
import "./hand.css";

export type HandProps = {
  readonly cards: readonly DeckCard[];
  /** The reason why this person may not play, or null. */
  readonly locked: string | null;
  readonly onPlay: (place: number) => void;
  readonly onPlayOwn: (type: CardType, text: string) => void;
};

/**
 * The person's hand: five private cards and a blank card, fanned out over the composer. A click or Enter plays a card.
 */
export function HandDock({ cards, locked, onPlay, onPlayOwn }: HandProps) {
  const [writing, setWriting] = useState(false);
  const row = useRef<HTMLFieldSetElement>(null);
  const own = useRef<HTMLButtonElement>(null);
  const middle = cards.length / 2;

  // On a narrow page the hand scrolls horizontally. It starts at its middle, where the cards are upright.
  useEffect(() => {
    const box = row.current;
    if (box !== null) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
  }, []);

  const play = (place: number, element: HTMLElement) => {
    if (locked !== null) return;
    animateToStack(element);
    onPlay(place);
  };
  return (
    <fieldset className="hand" aria-label="Your hand, seen only by you" ref={row}>
      {cards.map((card, place) => {
        const kind = kindOf(card.type);
        return (
          <button
            // The place is the key, so that the button keeps the focus when a new card fills the place.
            // biome-ignore lint/suspicious/noArrayIndexKey: places are fixed
            key={place}
            type="button"
            className="hand-card"
            data-type={kind.colour}
            data-deck={card.id}
            style={fan(place - middle)}
            aria-disabled={locked !== null}
            aria-describedby={locked === null ? undefined : "hand-locked"}
            aria-label={`Play ${kind.label}: ${card.text}`}
            onClick={(event) => play(place, event.currentTarget)}
          >
            <span className="hand-face" key={card.id}>
              <span className="p-tag">{kind.label}</span>
              <span className="hand-text">{card.text}</span>
              <small className="hand-hint" aria-hidden="true">
                play ↵
              </small>
            </span>
          </button>
        );
      })}
      <button
        ref={own}
        type="button"
        className="hand-card hand-own"
        style={fan(cards.length - middle)}
        aria-disabled={locked !== null}
        aria-describedby={locked === null ? undefined : "hand-locked"}
        onClick={() => locked === null && setWriting(true)}
      >
        <Icon name="plus" />
        <small>Your own card</small>
      </button>
      {locked !== null && (
        <p className="hand-locked" id="hand-locked">
          {locked}
        </p>
      )}
      <OwnCardDialog
        open={writing}
        opener={own}
        onClose={() => setWriting(false)}
        onPlay={(type, text) => {
          setWriting(false);
          onPlayOwn(type, text);
        }}
      />
    </fieldset>
  );
}

/** The rotation and the vertical offset of a card in the fan, by its distance from the middle in cards. */
function fan(offset: number) {
  return { "--r": `${(offset * 2.8).toFixed(2)}deg`, "--y": `${(offset * offset * 0.95).toFixed(1)}px` };
}
