import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type NamedPerson } from "../../room/people";
import type { Card } from "../../room/schema/read";
import { checkCard, kindOf } from "../shared/cards";
import { KindTag } from "../shared/KindTag";
import { timeOrDate } from "../shared/time";
import { useAnnounce } from "../shared/useAnnounce";
import { useNow } from "../shared/useNow";
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
      <fieldset className="stack-faces" aria-label="Show in the stack">
        {(["cards", "prompt"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={face === each} onClick={() => setFace(each)}>
            {each === "cards" ? "Cards" : "Prompt"}
          </button>
        ))}
      </fieldset>
      <div className="stack-scroll" data-stack-drop="">
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
    announce(`Moved to place ${to + 1} of ${cards.length}`);
  };
  const drag = useRowDrag(list, move);

  return (
    <div className="stack">
      {turns !== null && <Turns {...turns} />}
      {cards.length === 0 ? (
        <p className="p-empty">
          No cards yet. Play one from your hand: the stack, from top to bottom, becomes the prompt.
        </p>
      ) : (
        <ol className="stack-list" ref={list} aria-label={`Stack, ${cardCount(active.length)}`}>
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
      {locked === null && <p className="stack-drop">Drop a card here</p>}
      {locked !== null && <p className="p-locked">{locked}</p>}
    </div>
  );
}

const cardCount = (n: number): string => (n === 1 ? "1 card" : `${n} cards`);

function Turns({ holder, next }: TurnBanner) {
  if (holder === null) return <p className="stack-turns">Waiting for a player to take the first turn.</p>;
  return (
    <p className="stack-turns" data-mine={holder.isMe}>
      <strong>{holder.isMe ? "Your turn" : `${holder.name} plays`}</strong>
      {next !== null && <span>then {next.isMe ? "you" : next.name}</span>}
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
      row.onRemove(card.id);
    }
  };

  const status = [card.muted && "muted", loses, isOutOfTurn && "out of turn"].filter(Boolean).join(", ");
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
      aria-label={`${kind.label}: ${card.text}. By ${author.name}${status === "" ? "" : `, ${status}`}`}
      onKeyDown={onKeyDown}
    >
      <div className="stack-top">
        <KindTag type={card.type} />
        {fate.kind === "sent" && fate.wins && (
          <span className="stack-wins">
            <Icon name="check" />
            Wins
          </span>
        )}
        {locked === null && (
          <fieldset className="stack-actions" aria-label={`${kind.label} card`}>
            <button
              type="button"
              className="p-icon stack-grip"
              aria-label="Drag to move"
              tabIndex={-1}
              {...row.grip}
            >
              <Icon name="grip" />
            </button>
            <ActionButton
              label="Move up"
              icon="up"
              disabled={index === 0}
              onClick={() => row.move(card.id, index - 1)}
            />
            <ActionButton
              label="Move down"
              icon="down"
              disabled={row.last}
              onClick={() => row.move(card.id, index + 1)}
            />
            <ActionButton
              label={card.muted ? "Unmute" : "Mute"}
              icon={card.muted ? "eyeOff" : "eye"}
              onClick={() => row.onMute(card.id, !card.muted)}
            />
            <ActionButton label="Edit text" icon="pencil" onClick={() => row.onEdit(true)} />
            <ActionButton label="Remove" icon="trash" onClick={() => row.onRemove(card.id)} />
          </fieldset>
        )}
      </div>
      {editing ? (
        row.editor(card, finish)
      ) : (
        <p className="stack-text" dir="auto">
          {card.text || "Nothing written yet"}
        </p>
      )}
      {!check.ok && !editing && <p className="stack-problem">{check.problem} It is not sent.</p>}
      {loses !== null && <p className="stack-loses">{capitalized(loses)}</p>}
      <p className="p-by" style={{ "--p": colorVar(author.color) }}>
        <i aria-hidden="true" />
        <span>{author.name}</span>
        <span aria-hidden="true">·</span>
        {card.muted ? <span>muted</span> : <time>{timeOrDate(card.at, row.now)}</time>}
        {isOutOfTurn && <span className="stack-late">out of turn</span>}
      </p>
    </li>
  );
}

/** The reason why a card is not sent although it is not muted, or null. */
function losingText(fate: Fate, { cards, person }: StackProps): string | null {
  if (fate.kind !== "overridden" && fate.kind !== "removed") return null;
  const winner = cards.find((card) => card.id === fate.by);
  if (winner === undefined) return null;
  const author = person(winner.by);
  const owner = author.isMe ? "your card" : `${author.name}'s`;
  return fate.kind === "overridden" ? `overridden by ${owner}` : `muted by ${owner} “${winner.text}”`;
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
        removed by {remover.isMe ? "you" : remover.name}
        {locked === null && (
          <>
            <span aria-hidden="true">·</span>
            <button type="button" className="p-link" onClick={() => onRestore(card.id)}>
              Restore
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
