import { type KeyboardEvent, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import type { CardType } from "../../room/schema/document";
import { handTexts } from "../../texts";
import { kindOf } from "../shared/cards";
import { KindTag } from "../shared/KindTag";
import { animateToStack } from "./cardAnimation";
import type { DeckCard } from "./deck";
import { OwnCardDialog } from "./OwnCardDialog";
import { useCardDrag } from "./useCardDrag";
import { useOverflow } from "./useOverflow";
import "./hand.css";

export type HandProps = {
  readonly cards: readonly DeckCard[];
  /** The reason why this person may not play, or null. */
  readonly locked: string | null;
  /** Whether the reason is shown next to the hand already. Then only a screen reader reads it at the cards. */
  readonly isReasonShown: boolean;
  /** Plays the card in a place of the hand; `index` is its place in the stack, or undefined for the end. */
  readonly onPlay: (place: number, index?: number) => void;
  readonly onPlayOwn: (type: CardType, text: string) => void;
  readonly onDiscard: (place: number) => void;
  readonly onRedraw: () => void;
  readonly onFold: () => void;
};

/**
 * The person's hand: a blank card and five private cards in one row. A click or Enter plays a card, a drag plays it at a
 * place in the stack, and Delete discards it.
 */
export function HandDock(props: HandProps) {
  const { cards, locked, onPlay, onPlayOwn } = props;
  const [writing, setWriting] = useState(false);
  const own = useRef<HTMLButtonElement>(null);
  const { row, overflow, scroll } = useOverflow();

  const play = (place: number, element: HTMLElement) => {
    if (locked !== null) return;
    animateToStack(element);
    onPlay(place);
  };
  const drag = useCardDrag(locked === null ? onPlay : null);
  return (
    <fieldset className="hand" aria-label={handTexts.handSeenOnly}>
      <div className="hand-head">
        <b>{handTexts.yourHand}</b>
        <span className="hand-private">
          <Icon name="lock" />
          {handTexts.onlyYouSeeIt}
        </span>
        <button type="button" className="composer-tool" onClick={props.onRedraw}>
          <Icon name="rotate" />
          {handTexts.redraw}
        </button>
        <button
          type="button"
          className="p-icon"
          aria-label={handTexts.foldTheHand}
          title={handTexts.fold}
          onClick={props.onFold}
        >
          <Icon name="down" />
        </button>
      </div>
      <div className="hand-view" data-before={overflow.before} data-after={overflow.after}>
        <div className="hand-row" ref={row}>
          <button
            ref={own}
            type="button"
            className="hand-own"
            aria-disabled={locked !== null}
            aria-describedby={locked === null ? undefined : "hand-locked"}
            onClick={() => locked === null && setWriting(true)}
          >
            <Icon name="plus" />
            {handTexts.customCard}
          </button>
          {cards.map((card, place) => (
            <HandCard
              // The place is the key, so that the button keeps the focus when a new card fills the place.
              // biome-ignore lint/suspicious/noArrayIndexKey: places are fixed
              key={place}
              card={card}
              locked={locked !== null}
              drag={drag(place)}
              onPlay={(element) => play(place, element)}
              onDiscard={() => props.onDiscard(place)}
            />
          ))}
        </div>
        {overflow.before && <MoreCards side="left" onClick={() => scroll(-1)} />}
        {overflow.after && <MoreCards side="right" onClick={() => scroll(1)} />}
      </div>
      {locked !== null && (
        <p className={props.isReasonShown ? "unseen" : "hand-locked"} id="hand-locked">
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

/** Shows that the row goes on, and scrolls it. The keyboard scrolls the row from card to card instead. */
function MoreCards({ side, onClick }: { readonly side: "left" | "right"; readonly onClick: () => void }) {
  return (
    <button
      type="button"
      className="hand-more"
      data-side={side}
      title={handTexts.moreCards}
      tabIndex={-1}
      aria-hidden="true"
      onClick={onClick}
    >
      <Icon name={side} />
    </button>
  );
}

type CardProps = {
  readonly card: DeckCard;
  readonly locked: boolean;
  readonly drag: ReturnType<ReturnType<typeof useCardDrag>>;
  readonly onPlay: (element: HTMLElement) => void;
  readonly onDiscard: () => void;
};

function HandCard({ card, locked, drag, onPlay, onDiscard }: CardProps) {
  const kind = kindOf(card.type);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    onDiscard();
  };
  return (
    <div className="hand-slot" data-type={kind.colour}>
      <button
        type="button"
        className="hand-card"
        data-deck={card.id}
        aria-disabled={locked}
        aria-describedby={locked ? "hand-locked" : undefined}
        aria-label={handTexts.playCardNamed(kind.label, card.text)}
        aria-keyshortcuts="Delete"
        onClick={(event) => onPlay(event.currentTarget)}
        onKeyDown={onKeyDown}
        {...drag}
      >
        <span className="hand-face" key={card.id}>
          <KindTag type={card.type} />
          <span className="hand-text">{card.text}</span>
          <span className="hand-play" aria-hidden="true">
            {handTexts.playButton}
          </span>
        </span>
      </button>
      <button
        type="button"
        className="hand-discard"
        aria-label={handTexts.discard(kind.label, card.text)}
        title={handTexts.discardDrawAnotherCard}
        onClick={onDiscard}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
