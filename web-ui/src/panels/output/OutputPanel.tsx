import { type ReactNode, useEffect, useMemo } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type Person } from "../../room/people";
import type { Result } from "../../room/schema/read";
import { duration, elapsed, timeOrDate } from "../shared/time";
import { useCopy } from "../shared/useCopy";
import { useNow } from "../shared/useNow";
import { useStickyScroll } from "../shared/useStickyScroll";
import { AnswerText, usePrefetchMarkdown } from "./AnswerText";
import type { Chosen } from "./answerSelection";
import { BlockActionContext, type CodeOfBlock } from "./blockAction";
import {
  answersOf,
  CONTINUE_QUERY,
  canContinue,
  endingOf,
  hasNewer,
  shownAnswer,
  usageLine,
} from "./results";
import type { Running } from "./running";
import "./output.css";

export type OutputProps = {
  /** Oldest first. */
  readonly results: readonly Result[];
  readonly running: Running | null;
  /** The current text of a running answer, including pieces that arrived ahead of the document. */
  readonly liveText: (request: string, committed: string) => string;
  readonly person: (identity: string) => Person;
  /** The reason why this person may not stop the running answer, or null. */
  readonly stopBlocked: string | null;
  /** The reason why this person may not request an answer now, or null. */
  readonly retryBlocked: string | null;
  readonly onStop: () => void;
  /** Requests an answer. `after` is the request whose conversation it continues; empty for a new conversation. */
  readonly onRetry: (query: string, after: string) => void;
  /** The older answer that the reader has chosen, or null to show the newest answer. */
  readonly chosen: Chosen | null;
  readonly onChoose: (chosen: Chosen | null) => void;
  /** A further button for a code block of a finished answer. */
  readonly blockAction: (result: Result, block: CodeOfBlock) => ReactNode;
};

/**
 * Shows the newest answer, also while it is written, or an earlier answer that the reader has chosen with the arrows.
 */
export function OutputPanel(props: OutputProps) {
  const { running, chosen, onChoose } = props;
  usePrefetchMarkdown();
  const answers = answersOf(props.results);
  const shown = shownAnswer(answers, chosen?.request ?? null);
  const waiting = running !== null && !answers.some((answer) => answer.request === running.request);
  const following = shown === null || shown.index === answers.length - 1;
  const newest = answers.at(-1)?.request ?? null;
  const goTo = (to: number) => {
    const request = answers[to]?.request;
    onChoose(to >= answers.length - 1 || request === undefined ? null : { request, newest });
  };
  const hasUnseen =
    chosen !== null &&
    shown !== null &&
    !following &&
    hasNewer(answers, shown.index, chosen.newest, waiting ? (running?.request ?? null) : null);
  // When the chosen answer is the newest, the choice ends, and the reader sees each new answer again.
  const atNewest = chosen !== null && chosen.request === newest;
  useEffect(() => {
    if (atNewest) onChoose(null);
  }, [atNewest, onChoose]);

  return (
    <div className="output">
      {waiting && following && <RunningStrip {...props} running={running} />}
      {shown === null ? (
        !waiting && (
          <p className="p-empty">
            Nothing has been written yet. Stack a few cards, say what you want, and press Generate: everybody
            here watches the same answer arrive.
          </p>
        )
      ) : (
        // The key gives each answer its own scroll state.
        <Answer
          key={shown.result.request}
          {...props}
          result={shown.result}
          dimmed={waiting && following}
          index={shown.index}
          count={answers.length}
          goTo={goTo}
          hasUnseen={hasUnseen}
          onShowNewest={() => onChoose(null)}
        />
      )}
    </div>
  );
}

type AnswerProps = OutputProps & {
  readonly result: Result;
  readonly dimmed: boolean;
  readonly index: number;
  readonly count: number;
  readonly goTo: (to: number) => void;
  /** Whether a newer answer that the reader has not seen exists or is requested. */
  readonly hasUnseen: boolean;
  readonly onShowNewest: () => void;
};

function Answer(props: AnswerProps) {
  const { result, running, dimmed } = props;
  const streaming = result.status === "running";
  const text = streaming ? props.liveText(result.request, result.text) : result.text;
  const { scroller, content, atEnd, jump } = useStickyScroll(streaming);
  const ending = endingOf(result);
  const { blockAction } = props;
  const action = useMemo(
    () => (streaming ? null : (block: CodeOfBlock) => blockAction(result, block)),
    [streaming, blockAction, result],
  );
  return (
    <>
      {!dimmed &&
        (streaming && running?.request === result.request ? (
          <RunningStrip {...props} running={running} stepper={<Stepper {...props} />} />
        ) : (
          <EndedStrip {...props} text={text} />
        ))}
      <div
        className="output-scroll"
        ref={scroller}
        data-dimmed={dimmed}
        role="log"
        aria-live="off"
        aria-busy={streaming}
        aria-label="Answer"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long answer is scrolled by keys
        tabIndex={0}
      >
        <div ref={content}>
          {result.query !== "" && <p className="output-query">{result.query}</p>}
          <div
            data-answer={result.request}
            data-status={result.status}
            className="output-text"
            data-streaming={streaming}
          >
            {text === "" && streaming ? (
              <p className="output-wait">Thinking…</p>
            ) : (
              <BlockActionContext value={action}>
                <AnswerText text={text} streaming={streaming} />
              </BlockActionContext>
            )}
          </div>
          {ending !== null && (
            <div className="output-ending" data-status={result.status}>
              <Icon name={result.status === "stopped" ? "stop" : "warn"} />
              <span>{ending}</span>
              {canContinue(result) && <Continue {...props} after={result.request} />}
              <Retry {...props} query={result.query} after={result.after ?? ""} />
            </div>
          )}
        </div>
      </div>
      {props.hasUnseen && (
        <button type="button" className="p-jump" onClick={props.onShowNewest}>
          <Icon name="toBottom" />
          New answer
        </button>
      )}
      {!atEnd && !props.hasUnseen && (
        <button type="button" className="p-jump" onClick={jump}>
          <Icon name="toBottom" />
          {streaming ? "Follow the answer" : "To the end"}
        </button>
      )}
    </>
  );
}

type RunningProps = OutputProps & { readonly running: Running; readonly stepper?: React.ReactNode };

function RunningStrip({ running, person, stopBlocked, onStop, stepper }: RunningProps) {
  const now = useNow(true, 250);
  const requester = person(running.by);
  return (
    <div className="output-strip" data-live="true">
      <span className="output-spin" aria-hidden="true" />
      <span className="output-who">
        <b style={{ color: colorVar(requester.color) }}>{requester.name}</b> asked ·{" "}
        {cardCount(running.cards)} · <span className="output-time">{elapsed(now - running.startedAt)}</span>
        {!running.granted && " · waiting for the server"}
      </span>
      {stepper}
      <button
        type="button"
        className="btn btn-stop btn-s"
        disabled={running.stopping || stopBlocked !== null}
        title={stopBlocked ?? undefined}
        onClick={onStop}
      >
        <Icon name="stop" />
        {running.stopping ? "Stopping" : "Stop"}
      </button>
    </div>
  );
}

function EndedStrip(props: AnswerProps & { readonly text: string }) {
  const { result, person, text } = props;
  const now = useNow(true, 60_000);
  const { copied, copy } = useCopy();
  const requester = person(result.by);
  const facts = [
    cardCount(result.cards.length),
    timeOrDate(result.startedAt, now),
    result.totalMs === null ? null : duration(result.totalMs),
    usageLine(result.usage),
  ].filter((fact) => fact !== null);
  return (
    <div className="output-strip">
      <span className="output-who" title={result.model === "" ? undefined : `Model: ${result.model}`}>
        <b style={{ color: colorVar(requester.color) }}>{requester.name}</b> asked · {facts.join(" · ")}
      </span>
      <Stepper {...props} />
      <button
        type="button"
        className="p-icon"
        aria-label="Copy answer"
        title={copied ? "Copied" : "Copy answer"}
        disabled={text === ""}
        onClick={() => copy(text)}
      >
        <Icon name={copied ? "check" : "copy"} />
      </button>
      {endingOf(result) === null && <Retry {...props} query={result.query} after={result.after ?? ""} icon />}
    </div>
  );
}

type RetryProps = Pick<OutputProps, "retryBlocked" | "onRetry"> & {
  readonly query: string;
  readonly after: string;
  readonly icon?: boolean;
};

function Continue({ retryBlocked, onRetry, after }: Omit<RetryProps, "query" | "icon">) {
  return (
    <button
      type="button"
      className="btn btn-s"
      title={retryBlocked ?? "Ask the model to go on where this answer stopped"}
      disabled={retryBlocked !== null}
      onClick={() => onRetry(CONTINUE_QUERY, after)}
    >
      Continue
    </button>
  );
}

function Retry({ retryBlocked, onRetry, query, after, icon = false }: RetryProps) {
  const label = icon ? "Ask again" : "Retry";
  return (
    <button
      type="button"
      className={icon ? "p-icon" : "btn btn-s"}
      aria-label={label}
      title={retryBlocked ?? (icon ? "Ask again with the current cards" : undefined)}
      disabled={retryBlocked !== null}
      onClick={() => onRetry(query, after)}
    >
      <Icon name="rotate" />
      {!icon && label}
    </button>
  );
}

function Stepper({ index, count, goTo }: Pick<AnswerProps, "index" | "count" | "goTo">) {
  if (count < 2) return null;
  return (
    <fieldset className="output-stepper" aria-label="Answers">
      <button
        type="button"
        className="p-icon"
        aria-label="Previous answer"
        disabled={index === 0}
        onClick={() => goTo(index - 1)}
      >
        <Icon name="left" />
      </button>
      <span>
        {index + 1} of {count}
      </span>
      <button
        type="button"
        className="p-icon"
        aria-label="Next answer"
        disabled={index === count - 1}
        onClick={() => goTo(index + 1)}
      >
        <Icon name="right" />
      </button>
    </fieldset>
  );
}

const cardCount = (n: number): string => (n === 1 ? "1 card" : `${n} cards`);
