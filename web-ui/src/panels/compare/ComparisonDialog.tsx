import { Dialog } from "radix-ui";
import { useMemo, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { useResults, useRoom } from "../../room";
import type { Result } from "../../room/schema/read";
import { compareTexts, outputTexts } from "../../texts";
import { threadOf } from "../output/answerSelection";
import { ModelChip } from "../output/ModelChip";
import type { AnswerTree } from "../output/thread";
import { jumpTo } from "../shared/jump";
import { usePersonOf } from "../shared/people";
import { timeOrDate } from "../shared/time";
import { choicesOf } from "./choices";
import { changedPlaces, rowsOf, wordCount } from "./difference";
import { Rows } from "./Rows";
import { type Comparison, comparisonIn } from "./view";
import "./compare.css";

/** The dialog that shows two answers side by side, or one below the other on a small screen. */
export function ComparisonDialog({ shown }: { readonly shown: Comparison }) {
  const room = useRoom();
  const results = useResults();
  const { tree } = threadOf(results, null);
  const opener = useRef(document.activeElement);
  const set = (next: Comparison | null) => comparisonIn(room).set(next);
  const left = tree.get(shown.left);
  const right = tree.get(shown.right);
  return (
    <Dialog.Root open onOpenChange={() => set(null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog compare"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
          }}
        >
          <Dialog.Title>{compareTexts.title}</Dialog.Title>
          {left !== undefined && right !== undefined && (
            <Sides tree={tree} left={left} right={right} onChoose={set} />
          )}
          <Dialog.Close className="icon-btn dialog-close" aria-label={compareTexts.close}>
            <Icon name="close" />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type SidesProps = {
  readonly tree: AnswerTree;
  readonly left: Result;
  readonly right: Result;
  readonly onChoose: (next: Comparison | null) => void;
};

function Sides({ tree, left, right, onChoose }: SidesProps) {
  const rows = useMemo(() => rowsOf(left.text, right.text), [left.text, right.text]);
  const body = useRef<HTMLElement>(null);
  const places = changedPlaces(rows);
  const [place, setPlace] = useState(-1);
  const step = (by: number): void => {
    const next = Math.min(places - 1, Math.max(0, place + by));
    setPlace(next);
    body.current?.querySelectorAll(".compare-changed")[next]?.scrollIntoView({ block: "center" });
  };
  return (
    <>
      <div className="compare-tools">
        <p role="status">{compareTexts.differences(places)}</p>
        {places > 1 && (
          <>
            <Tool name={compareTexts.previous} icon="up" onClick={() => step(-1)} disabled={place <= 0} />
            <Tool
              name={compareTexts.next}
              icon="down"
              onClick={() => step(1)}
              disabled={place === places - 1}
            />
          </>
        )}
        <button
          type="button"
          className="btn btn-s"
          onClick={() => onChoose({ left: right.request, right: left.request })}
        >
          {compareTexts.swap}
        </button>
      </div>
      <div className="compare-heads">
        <Side tree={tree} answer={left} other={right} label={compareTexts.sides.left} onChoose={onChoose} />
        <Side tree={tree} answer={right} other={left} label={compareTexts.sides.right} onChoose={onChoose} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long comparison is scrolled by keys */}
      <section className="compare-body" ref={body} tabIndex={0} aria-label={compareTexts.title}>
        <Rows key={`${left.request} ${right.request}`} rows={rows} />
      </section>
    </>
  );
}

type ToolProps = {
  readonly name: string;
  readonly icon: "up" | "down";
  readonly disabled: boolean;
  readonly onClick: () => void;
};

function Tool({ name, icon, disabled, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="p-icon"
      aria-label={name}
      title={name}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

type SideProps = {
  readonly tree: AnswerTree;
  readonly answer: Result;
  readonly other: Result;
  readonly label: string;
  readonly onChoose: (next: Comparison | null) => void;
};

/** The head of a side: the choice of its answer, with author, model and length. */
function Side({ tree, answer, other, label, onChoose }: SideProps) {
  const room = useRoom();
  const person = usePersonOf();
  const { versions, others } = choicesOf(tree, other.request);
  const choose = (request: string): void =>
    onChoose(
      label === compareTexts.sides.left
        ? { left: request, right: other.request }
        : { left: other.request, right: request },
    );
  const nameOf = (each: Result): string =>
    compareTexts.choice(
      shortQuestion(each.query),
      person(each.by).name,
      timeOrDate(each.startedAt, Date.now()),
    );
  const group = (name: string, list: readonly Result[]) =>
    list.length > 0 && (
      <optgroup label={name}>
        {list.map((each) => (
          <option key={each.request} value={each.request}>
            {nameOf(each)}
          </option>
        ))}
      </optgroup>
    );
  return (
    <section className="compare-head" aria-label={label}>
      <select
        className="field"
        aria-label={label}
        value={answer.request}
        onChange={(event) => choose(event.target.value)}
      >
        {group(compareTexts.versions, versions)}
        {group(compareTexts.others, others)}
      </select>
      <p className="compare-facts">
        <ModelChip model={answer.usage?.call?.model ?? answer.model} />
        <span>{compareTexts.words(wordCount(answer.text))}</span>
        <button
          type="button"
          className="p-link"
          onClick={() => {
            onChoose(null);
            jumpTo(room, { target: `result:${answer.request}`, words: "" });
          }}
        >
          {compareTexts.show}
        </button>
      </p>
    </section>
  );
}

/** The length of a question in the choice, in characters. */
const QUESTION_MAX = 48;

function shortQuestion(query: string): string {
  const line = query.trim().replace(/\s+/gu, " ");
  if (line === "") return outputTexts.aQuestionWithoutWords;
  const characters = [...line];
  return characters.length <= QUESTION_MAX ? line : `${characters.slice(0, QUESTION_MAX - 1).join("")}…`;
}
