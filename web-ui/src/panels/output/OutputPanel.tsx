import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { Icon } from "../../icon/Icon";
import { outputTexts } from "../../texts";
import { useNow } from "../shared/useNow";
import { useStickyScroll } from "../shared/useStickyScroll";
import { usePrefetchMarkdown } from "./AnswerText";
import type { Chosen, Thread } from "./answerSelection";
import type { Author } from "./authors";
import { Exchange, type ExchangeActions } from "./Exchange";
import { choiceAtEnd } from "./following";
import { hasNewer } from "./results";
import { liveBranches } from "./thread";
import "./output.css";

export type OutputProps = {
  /** The shown conversation, and the tree of all answers. */
  readonly thread: Thread;
  readonly author: (identity: string) => Author;
  /** The request of the running answer that is being stopped, or null. */
  readonly stopping: string | null;
  /** The reason why this person may not stop a running answer, or null. */
  readonly stopBlocked: string | null;
  /** The reason why this person may not request an answer now, or null. */
  readonly askBlocked: string | null;
  readonly onStop: (request: string) => void;
  readonly onAsk: (query: string, after: string) => void;
  readonly onFollow: (request: string) => void;
  readonly onCompare: (request: string) => void;
  /** The last answer of the conversation that the reader has chosen, or null to show the newest answer. */
  readonly chosen: Chosen | null;
  readonly onChoose: (chosen: Chosen | null) => void;
  readonly blockAction: ExchangeActions["blockAction"];
  /** Shown while the room has no answer. */
  readonly empty: ReactNode;
  /** Below the conversation: the queue, the hand and the composer. */
  readonly foot: ReactNode;
};

/**
 * Shows the path to the chosen answer as one conversation, oldest first, with a switch at each branch. If the reader has
 * chosen nothing, it is the path to the newest answer, also while that answer is written.
 */
export function OutputPanel(props: OutputProps) {
  const { thread, chosen, onChoose } = props;
  const { tree, path } = thread;
  usePrefetchMarkdown();
  const end = path.at(-1)?.answer ?? null;
  const { scroller, content, atEnd, jump, stay } = useStickyScroll();
  const actions = useActions(props, stay);
  const today = useToday();
  const liveAt = useMemo(() => liveBranches(tree, path), [tree, path]);
  useReading(props, atEnd, jump);

  const isReadingOlder = chosen !== null && tree.get(chosen.request) !== undefined;
  const hasUnseen = isReadingOlder && hasNewer(tree.newest, chosen.newest);
  const showNewest = () => {
    onChoose(null);
    jump();
  };
  return (
    <div className="output">
      <div className="output-view">
        <div
          className="output-scroll"
          ref={scroller}
          role="log"
          aria-live="off"
          aria-busy={end?.status === "running"}
          aria-label={outputTexts.conversation}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long conversation is scrolled by keys
          tabIndex={0}
        >
          <div ref={content} className="thread">
            {path.length === 0 && props.empty}
            {path.map(({ answer, siblings }, index) => (
              <Exchange
                key={answer.request}
                answer={answer}
                author={props.author(answer.by)}
                place={siblings.indexOf(answer.request)}
                count={siblings.length}
                isFirst={index === 0}
                isLast={index === path.length - 1}
                isLiveElsewhere={liveAt.has(answer.request)}
                stopping={props.stopping === answer.request}
                stopBlocked={props.stopBlocked}
                askBlocked={props.askBlocked}
                actions={actions}
                today={today}
              />
            ))}
          </div>
        </div>
        {hasUnseen ? (
          <button type="button" className="p-jump" onClick={showNewest}>
            {outputTexts.newAnswer}
            <Icon name="toBottom" />
          </button>
        ) : (
          !atEnd && (
            <button type="button" className="p-jump" onClick={jump}>
              {end?.status === "running" ? outputTexts.followTheAnswer : outputTexts.jumpToLatest}
              <Icon name="toBottom" />
            </button>
          )
        )}
      </div>
      {props.foot}
    </div>
  );
}

/** The actions of the exchanges, as an object that stays the same, so that an answer is not drawn again. */
function useActions(props: OutputProps, stay: () => void): ExchangeActions {
  const latest = useRef(props);
  latest.current = props;
  const { blockAction } = props;
  return useMemo(
    () => ({
      onStop: (request) => latest.current.onStop(request),
      onAsk: (query, after) => latest.current.onAsk(query, after),
      onFollow: (request) => latest.current.onFollow(request),
      onCompare: (request) => latest.current.onCompare(request),
      onStep: (request, step) => {
        const { tree } = latest.current.thread;
        const siblings = tree.childrenOf(tree.parentOf(request));
        const next = siblings[siblings.indexOf(request) + step];
        if (next === undefined) return;
        stay();
        latest.current.onChoose({ request: next, newest: tree.newest });
      },
      blockAction,
    }),
    [stay, blockAction],
  );
}

/**
 * Keeps the conversation of a reader who has left its end, and follows new answers at the end. Scrolls to the answer to a
 * new question of this person.
 */
function useReading({ thread, chosen, onChoose }: OutputProps, atEnd: boolean, jump: () => void): void {
  const { tree, path } = thread;
  const end = path.at(-1)?.answer ?? null;
  const newest = tree.answers.at(-1) ?? null;
  const isOwnShown = chosen?.isOwn === true && chosen.request === end?.request;
  useEffect(() => {
    if (isOwnShown) jump();
  }, [isOwnShown, jump]);
  // An own question may wait in the queue: its answer is chosen before it exists.
  const isAwaited = chosen !== null && tree.get(chosen.request) === undefined;
  useEffect(() => {
    if (!atEnd || isAwaited) return;
    const next = choiceAtEnd({ chosen, end, newest });
    if (next !== chosen) onChoose(next);
  }, [atEnd, isAwaited, chosen, end, newest, onChoose]);
  const atLeaving = useRef({ end, newest, chosen });
  atLeaving.current = { end, newest, chosen };
  useEffect(() => {
    const { end: last, newest: newestNow, chosen: choice } = atLeaving.current;
    if (!atEnd && choice === null && last !== null)
      onChoose({ request: last.request, newest: newestNow?.request ?? null });
  }, [atEnd, onChoose]);
}

/** The current day. It changes at midnight, and not with each minute. */
function useToday(): string {
  const now = useNow(true, 60_000);
  return new Date(now).toDateString();
}
