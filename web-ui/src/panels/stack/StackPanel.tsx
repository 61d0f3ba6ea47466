import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type NamedPerson } from "../../room/people";
import type { Card } from "../../room/schema/read";
import { imageTexts, stackTexts } from "../../texts";
import { CommentCount } from "../comments/CommentCount";
import { useTextMarks } from "../comments/useTextMarks";
import { AddImage, useImageTarget } from "../images/AddImage";
import { checkCard, kindOf } from "../shared/cards";
import { KindTag } from "../shared/KindTag";
import { timeOrDate } from "../shared/time";
import { useAnnounce } from "../shared/useAnnounce";
import { useNow } from "../shared/useNow";
import { VoteButton } from "../votes/VoteButton";
import type { Fate, Fold } from "./fold";
import { StackFoot } from "./StackFoot";
import { useRowDrag } from "./useRowDrag";
import "./stack.css";

export type TurnBanner = { readonly holder: NamedPerson | null; readonly next: NamedPerson | null };

export type StackProps = {
  /** Cards in stack order, including removed cards. */
  readonly cards: readonly Card[];
  readonly person: (identity: string) => NamedPerson;
  /** The reason why this person may not change the stack, or null. */
  readonly locked: string | null;
  /** The turns in a room that takes turns, else null. */
  readonly turns: TurnBanner | null;
  readonly outOfTurn: ReadonlySet<string>;
  readonly onMute: (id: string, muted: boolean) => void;
  readonly onRemove: (id: string) => void;
  readonly onRestore: (id: string) => void;
  readonly onMove: (id: string, toIndex: number) => void;
  /** What becomes of each card in the prompt. */
  readonly fold: Fold;
  /** The length of the earlier answers that are sent along, in UTF-16 units. */
  readonly answerUnits: number;
  /** Renders the editor of a card's text, which calls `done` at the end. */
  readonly editor: (card: Card, done: () => void) => ReactNode;
  /** Renders a card's image. */
  readonly image: (id: string, alt: string) => ReactNode;
  /** Adds image cards from files, or null if this person may not play now. */
  readonly onImages: ((files: readonly File[]) => void) | null;
  /** Renders the images on their way to the stack. */
  readonly pendingImages: ReactNode;
  /** Renders the prompt, which is the second face of the stack. */
  readonly prompt: () => ReactNode;
};

type Face = "cards" | "prompt";

/** The shared stack: the cards of the prompt in their order, or the prompt that they make. */
export function StackPanel(props: StackProps) {
  const [face, setFace] = useState<Face>("cards");
  const { cards, fold } = props;
  const fates = [...fold.fates.values()];
  return (
    <div className="stack-window">
      <fieldset className="stack-faces" aria-label={stackTexts.showInTheStack}>
        {(["cards", "prompt"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={face === each} onClick={() => setFace(each)}>
            {each === "cards" ? stackTexts.cards : stackTexts.prompt}
          </button>
        ))}
      </fieldset>
      <div className="stack-scroll" data-stack-drop="" {...useImageTarget(props.onImages)}>
        {face === "cards" ? <Cards {...props} /> : props.prompt()}
      </div>
      <StackFoot
        sent={fates.filter(({ kind }) => kind === "sent").length}
        all={cards.filter((card) => card.removedBy === null).length}
        cardUnits={fold.text.length}
        answerUnits={props.answerUnits}
      />
    </div>
  );
}

function Cards(props: StackProps) {
  const { cards, locked, turns } = props;
  const announce = useAnnounce();
  const [editing, setEditing] = useState<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const now = useNow(true, 60_000);
  const active = cards.filter((card) => card.removedBy === null);

  const move = (id: string, to: number) => {
    const from = cards.findIndex((card) => card.id === id);
    if (from < 0 || to < 0 || to >= cards.length || to === from) return;
    props.onMove(id, to);
    announce(stackTexts.movedToPlaceOf(to + 1, cards.length));
  };
  const drag = useRowDrag(list, move);

  return (
    <div className="stack">
      {turns !== null && <Turns {...turns} />}
      {cards.length === 0 ? (
        <p className="p-empty">{stackTexts.noCardsYetPlayOne}</p>
      ) : (
        <ol className="stack-list" ref={list} aria-label={stackTexts.stack(cardCount(active.length))}>
          {cards.map((card, index) =>
            card.removedBy !== null ? (
              <RemovedRow key={card.id} card={card} {...props} />
            ) : (
              <CardRow
                key={card.id}
                {...props}
                card={card}
                now={now}
                last={index === cards.length - 1}
                index={index}
                editing={editing === card.id && locked === null}
                onEdit={(on) => setEditing(on ? card.id : null)}
                move={move}
                grip={drag.grip(card.id, index)}
                shift={drag.shift(index)}
                lifted={drag.lifted === card.id}
              />
            ),
          )}
        </ol>
      )}
      <span data-stack-end="" className="stack-end" />
      {props.pendingImages}
      {locked === null && (
        <p className="stack-drop">
          {stackTexts.dropACardHere}
          {props.onImages !== null && (
            <AddImage className="p-icon" onFiles={props.onImages} label={imageTexts.addCard} />
          )}
        </p>
      )}
      {locked !== null && <p className="p-locked">{locked}</p>}
    </div>
  );
}

const cardCount = (n: number): string => (n === 1 ? "1 card" : stackTexts.cardCount(n));

function Turns({ holder, next }: TurnBanner) {
  if (holder === null) return <p className="stack-turns">{stackTexts.waitingPlayerTakeFirstTurn}</p>;
  return (
    <p className="stack-turns" data-mine={holder.isMe}>
      <strong>{holder.isMe ? stackTexts.yourTurn : stackTexts.plays(holder.name)}</strong>
      {next !== null && (
        <span>
          {stackTexts.thenNext} {next.isMe ? stackTexts.you : next.name}
        </span>
      )}
    </p>
  );
}

type RowProps = StackProps & {
  readonly card: Card;
  readonly now: number;
  readonly index: number;
  readonly last: boolean;
  readonly editing: boolean;
  readonly onEdit: (on: boolean) => void;
  readonly move: (id: string, to: number) => void;
  readonly grip: ReturnType<ReturnType<typeof useRowDrag>["grip"]>;
  readonly shift: number;
  readonly lifted: boolean;
};

function CardRow(row: RowProps) {
  const { card, index, locked, editing } = row;
  const kind = kindOf(card.type);
  const author = row.person(card.by);
  const element = useRef<HTMLLIElement>(null);
  const isOutOfTurn = row.outOfTurn.has(card.id);
  const check = card.muted ? { ok: true as const } : checkCard(card.type, card.text);
  const fate = row.fold.fates.get(card.id) ?? { kind: "muted" };
  const loses = losingText(fate, row);

  /** Removes the card. If it had the focus, the next card gets it, or the previous one. */
  const remove = () => {
    const node = element.current;
    const hadFocus = node?.contains(document.activeElement) === true;
    const isCard = (each: Element | null | undefined): each is HTMLElement =>
      each instanceof HTMLElement && each.hasAttribute("data-fate");
    const next = [node?.nextElementSibling, node?.previousElementSibling].find(isCard);
    row.onRemove(card.id);
    if (hadFocus) next?.focus();
  };
  const finish = () => {
    row.onEdit(false);
    element.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (locked !== null || event.target !== event.currentTarget) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      row.move(card.id, index + (event.key === "ArrowUp" ? -1 : 1));
    } else if (!event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      const towards = event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
      (element.current?.[towards] as HTMLElement | null)?.focus();
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      row.onEdit(true);
    } else if (event.key === "m") {
      row.onMute(card.id, !card.muted);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      remove();
    }
  };

  const status = [card.muted && "muted", loses, isOutOfTurn && stackTexts.outOfTurn]
    .filter(Boolean)
    .join(", ");
  return (
    <li
      ref={element}
      className="stack-card"
      data-card={card.id}
      data-muted={card.muted}
      data-fate={fate.kind}
      data-lifted={row.lifted}
      data-type={kind.colour}
      style={row.shift === 0 ? undefined : { transform: `translateY(${row.shift}px)` }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard user moves, mutes and edits a card
      tabIndex={0}
      aria-label={stackTexts.by(kind.label, card.text, author.name, status === "" ? "" : `, ${status}`)}
      onKeyDown={onKeyDown}
    >
      <div className="stack-top">
        <KindTag type={card.type} />
        {fate.kind === "sent" && fate.wins && (
          <span className="stack-wins">
            <Icon name="check" />
            {stackTexts.wins}
          </span>
        )}
        {locked === null && (
          <fieldset className="stack-actions" aria-label={stackTexts.cardOfKind(kind.label)}>
            <button
              type="button"
              className="p-icon stack-grip"
              aria-label={stackTexts.dragToMove}
              tabIndex={-1}
              {...row.grip}
            >
              <Icon name="grip" />
            </button>
            <ActionButton
              label={stackTexts.moveUp}
              icon="up"
              disabled={index === 0}
              onClick={() => row.move(card.id, index - 1)}
            />
            <ActionButton
              label={stackTexts.moveDown}
              icon="down"
              disabled={row.last}
              onClick={() => row.move(card.id, index + 1)}
            />
            <ActionButton
              label={card.muted ? stackTexts.unmute : stackTexts.mute}
              icon={card.muted ? "eyeOff" : "eye"}
              onClick={() => row.onMute(card.id, !card.muted)}
            />
            <ActionButton label={stackTexts.editText} icon="pencil" onClick={() => row.onEdit(true)} />
            <ActionButton label={stackTexts.remove} icon="trash" onClick={remove} />
          </fieldset>
        )}
      </div>
      {editing ? row.editor(card, finish) : <CardText card={card} image={row.image} />}
      {!check.ok && !editing && (
        <p className="stack-problem">
          {check.problem} {stackTexts.itIsNotSent}
        </p>
      )}
      {loses !== null && <p className="stack-loses">{capitalized(loses)}</p>}
      <p className="p-by" style={{ "--p": colorVar(author.color) }}>
        <i aria-hidden="true" />
        <span>{author.name}</span>
        <span aria-hidden="true">·</span>
        {card.muted ? <span>{stackTexts.muted}</span> : <time>{timeOrDate(card.at, row.now)}</time>}
        {isOutOfTurn && <span className="stack-late">{stackTexts.outOfTurn}</span>}
        <span className="stack-marks">
          <CommentCount target={`card:${card.id}`} className="stack-mark" />
          <VoteButton target={`card:${card.id}`} className="stack-mark" />
        </span>
      </p>
    </li>
  );
}

interface CardTextProps {
  readonly card: Card;
  readonly image: (id: string, alt: string) => ReactNode;
}

function CardText({ card, image }: CardTextProps) {
  const text = useRef<HTMLParagraphElement>(null);
  useTextMarks(text, `card:${card.id}`, card.text);
  return (
    <>
      {card.type === "image" && card.image !== null && image(card.image, card.text)}
      <p ref={text} className="stack-text" dir="auto" data-quotable={`card:${card.id}`}>
        {card.text || (card.image === null ? stackTexts.nothingWrittenYet : imageTexts.undescribed)}
      </p>
    </>
  );
}

/** The reason why a card is not sent although it is not muted, or null. */
function losingText(fate: Fate, { cards, person }: StackProps): string | null {
  if (fate.kind !== "overridden" && fate.kind !== "removed") return null;
  const winner = cards.find((card) => card.id === fate.by);
  if (winner === undefined) return null;
  const author = person(winner.by);
  const owner = author.isMe ? stackTexts.yourCard : stackTexts.cardOf(author.name);
  return fate.kind === "overridden" ? stackTexts.overriddenBy(owner) : stackTexts.mutedBy(owner, winner.text);
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function RemovedRow({ card, person, locked, onRestore }: StackProps & { readonly card: Card }) {
  const kind = kindOf(card.type);
  const remover = person(card.removedBy ?? "");
  return (
    <li className="stack-removed" data-card={card.id} data-removed="true">
      <s title={card.text}>
        {kind.label}: {card.text}
      </s>
      <span className="stack-removed-by">
        {stackTexts.removedBy(remover.isMe ? stackTexts.you : remover.name)}
        {locked === null && (
          <>
            <span aria-hidden="true">·</span>
            <button type="button" className="p-link" onClick={() => onRestore(card.id)}>
              {stackTexts.restore}
            </button>
          </>
        )}
      </span>
    </li>
  );
}

type ActionButtonProps = {
  readonly label: string;
  readonly icon: Parameters<typeof Icon>[0]["name"];
  readonly disabled?: boolean;
  readonly onClick: () => void;
};

function ActionButton({ label, icon, disabled = false, onClick }: ActionButtonProps) {
  return (
    <button
      type="button"
      className="p-icon"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
