import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { avatarText, type Connection, useLiveText, useRoom, useSource } from "../../room";
import { serverTime } from "../../room/clock";
import { colorVar } from "../../room/people";
import type { Result } from "../../room/schema/read";
import { compareTexts, modelTexts, outputTexts } from "../../texts";
import { CommentCount } from "../comments/CommentCount";
import { useTextMarks } from "../comments/useTextMarks";
import { elapsed, timeOrDate } from "../shared/time";
import { useCopy } from "../shared/useCopy";
import { useNow } from "../shared/useNow";
import { VoteButton } from "../votes/VoteButton";
import { Attached } from "./Attached";
import type { Author } from "./authors";
import { BlockActionContext, type CodeOfBlock } from "./blockAction";
import { Details } from "./Details";
import { ModelChip } from "./ModelChip";
import { CONTINUE_QUERY, canContinue, endingOf, retryAt } from "./results";
import { SlicedAnswer } from "./SlicedAnswer";
import { Thoughts } from "./Thoughts";
import { WaitingForModel } from "./WaitingForModel";

/** The actions of all exchanges. The object stays the same while its functions do. */
export type ExchangeActions = {
  readonly onStop: (request: string) => void;
  /** Requests an answer. `after` is the request that it follows; empty for a new conversation. */
  readonly onAsk: (query: string, after: string) => void;
  /** Shows another answer of the branch: -1 for the answer before, 1 for the answer after. */
  readonly onStep: (request: string, step: number) => void;
  /** Makes the next question follow this answer. */
  readonly onFollow: (request: string) => void;
  /** Opens the comparison of this answer with another one. */
  readonly onCompare: (request: string) => void;
  /** A further button for a code block of a finished answer. */
  readonly blockAction: (result: Result, block: CodeOfBlock) => ReactNode;
};

export type ExchangeProps = {
  readonly answer: Result;
  readonly author: Author;
  /** The place of this answer among the answers at its branch, from 0, and their number. */
  readonly place: number;
  readonly count: number;
  /** Whether the branch is the beginning of the conversation. */
  readonly isFirst: boolean;
  /** Whether this is the last answer of the shown conversation. */
  readonly isLast: boolean;
  /** Whether an answer is being written on another way from this branch. */
  readonly isLiveElsewhere: boolean;
  readonly stopping: boolean;
  readonly stopBlocked: string | null;
  readonly askBlocked: string | null;
  readonly actions: ExchangeActions;
  /** The day on which the page shows times without a date. */
  readonly today: string;
};

/** A question as a heading with its author, and the answer below it. */
export const Exchange = memo(function Exchange(props: ExchangeProps) {
  const { answer, author, today } = props;
  const isRunning = answer.status === "running";
  return (
    <article className="exchange" data-request={answer.request} data-status={answer.status}>
      <span className="exchange-avatar" style={{ "--c": colorVar(author.color) }} aria-hidden="true">
        {avatarText(author.name, author.avatar)}
      </span>
      <Question text={answer.query} attach={answer.attach} />
      <div className="exchange-line">
        <b style={{ color: colorVar(author.color) }}>
          {author.name}
          {author.isMe && <span className="exchange-you"> {outputTexts.you}</span>}
        </b>
        {isRunning ? (
          <Writing answer={answer} />
        ) : (
          <time dateTime={new Date(answer.startedAt).toISOString()}>
            {timeOrDate(answer.startedAt, Date.parse(today))}
          </time>
        )}
        <ModelChip model={answer.usage?.call?.model ?? answer.model} />
        <Branch {...props} />
        {isRunning && <Stop {...props} />}
      </div>
      <Answer {...props} />
      {!isRunning && <AnswerFoot {...props} />}
    </article>
  );
});

/** The size in UTF-16 units, or in lines, above which a question is folded. */
const FOLDED_UNITS = 280;
const FOLDED_LINES = 4;

function Question({ text, attach }: { readonly text: string; readonly attach: Result["attach"] }) {
  const [open, setOpen] = useState(false);
  const isLong = text.length > FOLDED_UNITS || text.split("\n", FOLDED_LINES + 1).length > FOLDED_LINES;
  return (
    <div className="exchange-question" data-long={isLong} data-open={open}>
      <h3 className="output-query" dir="auto">
        {text === "" ? outputTexts.aQuestionWithoutWords : text}
      </h3>
      {isLong && (
        <button type="button" className="p-link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? outputTexts.showLess : outputTexts.showTheWholeQuestion}
        </button>
      )}
      <Attached attach={attach} />
    </div>
  );
}

function Writing({ answer }: { readonly answer: Result }) {
  const isOnline = useSource(useRoom().socket.connection, isOpen);
  const now = useNow(isOnline, 250);
  if (!isOnline) return <span className="exchange-away">{outputTexts.waitingForTheServer}</span>;
  return (
    <span className="exchange-writing">
      <span className="output-spin" aria-hidden="true" />
      {outputTexts.writing} <span className="output-time">{elapsed(now - answer.startedAt)}</span>
    </span>
  );
}

const isOpen = ({ state }: Connection): boolean => state === "open";

function Stop({ answer, stopping, stopBlocked, actions }: ExchangeProps) {
  return (
    <button
      type="button"
      className="btn btn-stop btn-s exchange-stop"
      disabled={stopping || stopBlocked !== null}
      title={stopBlocked ?? undefined}
      onClick={() => actions.onStop(answer.request)}
    >
      <Icon name="stop" />
      {stopping ? outputTexts.stopping : outputTexts.stop}
    </button>
  );
}

/** The switch between the answers at a branch. */
function Branch({ answer, place, count, isFirst, isLiveElsewhere, actions }: ExchangeProps) {
  if (count < 2) return null;
  const kind = isFirst ? "conversation" : "version";
  return (
    <fieldset
      className="exchange-branch"
      aria-label={isFirst ? outputTexts.conversations : outputTexts.versionsOfThisAnswer}
    >
      <button
        type="button"
        className="p-icon"
        aria-label={outputTexts.previous(kind)}
        title={outputTexts.previous(kind)}
        disabled={place === 0}
        onClick={() => actions.onStep(answer.request, -1)}
      >
        <Icon name="left" />
      </button>
      <span>
        {place + 1} / {count}
      </span>
      {isLiveElsewhere && (
        <span className="exchange-live" role="img" aria-label={outputTexts.anotherIsBeingWritten(kind)} />
      )}
      <button
        type="button"
        className="p-icon"
        aria-label={outputTexts.next(kind)}
        title={outputTexts.next(kind)}
        disabled={place === count - 1}
        onClick={() => actions.onStep(answer.request, 1)}
      >
        <Icon name="right" />
      </button>
      {!isFirst && (
        <button
          type="button"
          className="p-icon"
          aria-label={compareTexts.compareVersions}
          title={compareTexts.compareVersions}
          onClick={() => actions.onCompare(answer.request)}
        >
          <Icon name="columns" />
        </button>
      )}
    </fieldset>
  );
}

/**
 * The text of an answer, with the places of comments. Only it is drawn again when a piece of a running answer arrives.
 * Its elements stay when the answer ends, so that a selection in it stays.
 */
function Answer({ answer, isLast, actions }: ExchangeProps) {
  const text = useLiveText(answer);
  const isRunning = answer.status === "running";
  const box = useRef<HTMLDivElement>(null);
  useTextMarks(box, `result:${answer.request}`, answer.text);
  const { blockAction } = actions;
  const action = useMemo(
    () => (isRunning ? null : (block: CodeOfBlock) => blockAction(answer, block)),
    [blockAction, answer, isRunning],
  );
  return (
    <div
      ref={box}
      className="output-text"
      data-answer={answer.request}
      data-quotable={`result:${answer.request}`}
      data-status={answer.status}
      data-streaming={isRunning}
      aria-busy={isRunning}
    >
      {isRunning && text === "" ? (
        <WaitingForModel request={answer.request} />
      ) : (
        <BlockActionContext value={action}>
          <SlicedAnswer text={text} streaming={isRunning} eager={isRunning || isLast} />
        </BlockActionContext>
      )}
    </div>
  );
}

/** Below an answer that has ended: the reason for an early end, and the actions. */
function AnswerFoot(props: ExchangeProps) {
  const { answer, isLast, actions } = props;
  const ending = endingOf(answer);
  return (
    <>
      <Thoughts text={answer.usage?.call?.thoughts} />
      {ending !== null && (
        <div className="output-ending" data-status={answer.status}>
          <Icon name={answer.status === "stopped" ? "stop" : "warn"} />
          <span>
            {ending} <RetryCountdown answer={answer} />
          </span>
          {isLast && canContinue(answer) && (
            <AskButton
              {...props}
              label={outputTexts.continue}
              title={outputTexts.askModelGoWhereAnswer}
              onClick={() => actions.onAsk(CONTINUE_QUERY, answer.request)}
            />
          )}
          <AskButton
            {...props}
            label={outputTexts.retry}
            icon="rotate"
            onClick={() => actions.onAsk(answer.query, answer.after ?? "")}
          />
        </div>
      )}
      <Actions {...props} hasEnding={ending !== null} />
    </>
  );
}

/** The seconds for which the provider asks to wait before the next request. */
function RetryCountdown({ answer }: { readonly answer: Result }) {
  const until = retryAt(answer);
  const [isOver, setOver] = useState(false);
  const now = serverTime(useNow(until !== null && !isOver));
  const seconds = until === null ? 0 : Math.ceil((until - now) / 1000);
  useEffect(() => setOver(seconds <= 0), [seconds]);
  return seconds > 0 ? <span className="output-time">{modelTexts.mayRetry(seconds)}</span> : null;
}

function Actions(props: ExchangeProps & { readonly hasEnding: boolean }) {
  const { answer, isLast, hasEnding, actions } = props;
  const { copied, copy } = useCopy();
  return (
    <fieldset className="exchange-actions" aria-label={outputTexts.answer}>
      <button
        type="button"
        className="exchange-action"
        aria-label={outputTexts.copyAnswer}
        title={copied ? outputTexts.copied : outputTexts.copyAnswer}
        disabled={answer.text === ""}
        onClick={() => copy(answer.text)}
      >
        <Icon name={copied ? "check" : "copy"} />
        <span className="exchange-word">{copied ? outputTexts.copied : outputTexts.copy}</span>
      </button>
      {!hasEnding && (
        <AskButton
          {...props}
          plain
          label={outputTexts.regenerate}
          title={outputTexts.regenerateCurrentCards}
          icon="rotate"
          onClick={() => actions.onAsk(answer.query, answer.after ?? "")}
        />
      )}
      {!isLast && (
        <AskButton
          {...props}
          plain
          label={outputTexts.branch}
          title={outputTexts.askNextQuestionAfterAnswer}
          icon="branch"
          onClick={() => actions.onFollow(answer.request)}
        />
      )}
      <VoteButton target={`result:${answer.request}`} className="exchange-action" />
      <CommentCount target={`result:${answer.request}`} className="exchange-action" always />
      <Details answer={answer} onCompare={() => actions.onCompare(answer.request)} />
    </fieldset>
  );
}

type AskProps = Pick<ExchangeProps, "askBlocked"> & {
  readonly label: string;
  readonly title?: string;
  readonly icon?: Parameters<typeof Icon>[0]["name"];
  readonly plain?: boolean;
  readonly onClick: () => void;
};

function AskButton({ label, title, icon, plain = false, askBlocked, onClick }: AskProps) {
  return (
    <button
      type="button"
      className={plain ? "exchange-action" : "btn btn-s"}
      aria-label={label}
      title={askBlocked ?? title}
      disabled={askBlocked !== null}
      onClick={onClick}
    >
      {icon !== undefined && <Icon name={icon} />}
      <span className={plain ? "exchange-word" : undefined}>{label}</span>
    </button>
  );
}
