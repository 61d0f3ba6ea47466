import { Dialog } from "radix-ui";
import { type FormEvent, type RefObject, useId, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { CARD_TYPES, type CardType } from "../../room/schema/document";
import { handTexts } from "../../texts";
import { CARD_TEXT_MAX, checkCard, grouped, kindOf } from "../shared/cards";
import "./dialog.css";

/** The types of cards that a person can write in this dialog. */
const writable: readonly CardType[] = CARD_TYPES.filter((type) => type !== "image" && type !== "remove");

export type OwnCardProps = {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onPlay: (type: CardType, text: string) => void;
  /** The element that gets the focus after the dialog closes. */
  readonly opener: RefObject<HTMLElement | null>;
};

/** The dialog in which a person writes a card: its type, its text, and the number of characters. */
export function OwnCardDialog({ open, onClose, onPlay, opener }: OwnCardProps) {
  // The text stays if the dialog is closed without playing the card, by Escape for example.
  const draft = useRef<Draft>(NO_DRAFT);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog own-dialog"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            opener.current?.focus();
          }}
        >
          <Form onClose={onClose} onPlay={onPlay} draft={draft} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type Draft = { readonly type: CardType; readonly text: string };

const NO_DRAFT: Draft = { type: "custom", text: "" };

type FormProps = Pick<OwnCardProps, "onClose" | "onPlay"> & { readonly draft: RefObject<Draft> };

function Form({ onClose, onPlay, draft }: FormProps) {
  const [{ type, text }, setCard] = useState(draft.current);
  const change = (changed: Partial<Draft>) => {
    draft.current = { ...draft.current, ...changed };
    setCard(draft.current);
  };
  const setType = (next: CardType) => change({ type: next });
  const setText = (next: string) => change({ text: next });
  const [tried, setTried] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const check = checkCard(type, text);
  const tooLong = text.trim().length > CARD_TEXT_MAX;
  const problem = !check.ok && (tried || tooLong) ? check.problem : null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (check.ok) {
      draft.current = NO_DRAFT;
      onPlay(type, check.text);
    } else field.current?.focus();
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className="own-head">
        <Dialog.Title className="own-title">{handTexts.customCard}</Dialog.Title>
        <button type="button" className="p-icon" aria-label={handTexts.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <fieldset className="own-types">
        <legend className="unseen">{handTexts.kindOfCard}</legend>
        {writable.map((each) => (
          <label key={each} className="own-type" data-type={kindOf(each).colour} data-on={type === each}>
            <input
              type="radio"
              name={`${id}-type`}
              className="unseen"
              checked={type === each}
              onChange={() => setType(each)}
            />
            {kindOf(each).label}
          </label>
        ))}
      </fieldset>
      <p className="own-does">{kindOf(type).effect}</p>
      <div className="own-card" data-type={kindOf(type).colour} data-bad={problem !== null}>
        <label className="p-tag" htmlFor={`${id}-text`}>
          {type === "token-limit" ? handTexts.howManyTokens : handTexts.cardText}
        </label>
        <textarea
          dir="auto"
          ref={field}
          id={`${id}-text`}
          className="own-text"
          rows={type === "token-limit" ? 1 : 4}
          inputMode={type === "token-limit" ? "numeric" : "text"}
          placeholder={examples[type]}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey || type === "token-limit"))
              submit(event);
          }}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-problem ${id}-count`}
          // biome-ignore lint/a11y/noAutofocus: the one field of a dialog that the person has just opened
          autoFocus
        />
      </div>
      <div className="own-foot">
        <span id={`${id}-problem`} className="own-problem" role="alert">
          {problem}
        </span>
        <span id={`${id}-count`} className="own-count" data-over={tooLong}>
          {grouped(text.trim().length)} {handTexts.of} {grouped(CARD_TEXT_MAX)}
        </span>
      </div>
      <div className="own-buttons">
        <button type="button" className="btn" onClick={onClose}>
          {handTexts.cancel}
        </button>
        <button type="submit" className="btn btn-go">
          {handTexts.playCard}
        </button>
      </div>
    </form>
  );
}

const examples: Partial<Record<CardType, string>> = {
  role: handTexts.actAs,
  tone: handTexts.soundLike,
  "token-limit": "400",
  format: handTexts.answerAs,
  constraint: handTexts.never,
  custom: handTexts.anythingModelShouldKnow,
};
