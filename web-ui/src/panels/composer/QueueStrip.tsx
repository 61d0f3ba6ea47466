import { type KeyboardEvent, useId, useState } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type Person } from "../../room/people";
import { composerTexts } from "../../texts";
import { placeText, type Waiting } from "./queue";
import "./queue.css";

/** An answer that is being written outside of the shown conversation. */
export type Elsewhere = { readonly request: string; readonly by: string; readonly query: string };

export type QueueProps = {
  readonly waiting: readonly Waiting[];
  readonly elsewhere: readonly Elsewhere[];
  readonly person: (identity: string) => Pick<Person, "name" | "color" | "isMe">;
  /** The pause of the queue: the name of the person who stopped an answer, and the seconds until the queue resumes. */
  readonly pause: { readonly name: string; readonly seconds: number } | null;
  /** The reason why this person may not stop or resume, or null. */
  readonly locked: string | null;
  readonly onCancel: (request: string) => void;
  readonly onMove: (request: string, before: string | null) => void;
  readonly onConfirm: (request: string) => void;
  readonly onResume: () => void;
  readonly onShow: (request: string) => void;
  readonly onStop: (request: string) => void;
};

/** The answers that are written elsewhere and the requests that wait, which all people see above the composer. */
export function QueueStrip(props: QueueProps) {
  const { waiting, elsewhere, pause } = props;
  const [open, setOpen] = useState(false);
  const id = useId();
  if (waiting.length === 0 && elsewhere.length === 0) return null;
  const own = waiting.filter(({ by, state }) => state === "old" && props.person(by).isMe);
  const shown = open ? waiting : waiting.slice(0, 1);
  const hidden = waiting.length - 1;
  return (
    <section className="queue" aria-label={composerTexts.queue}>
      {elsewhere.map((run) => (
        <Run key={run.request} run={run} {...props} />
      ))}
      {own.map((old) => (
        <OldRequest key={old.request} old={old} {...props} />
      ))}
      {pause !== null && (
        <p className="queue-line queue-pause">
          <Icon name="pause" />
          <span className="queue-words">
            {composerTexts.stoppedAnswerQueueGoes(pause.name)}{" "}
            <span aria-hidden="true">{composerTexts.inSeconds(pause.seconds)}</span>
            <span className="unseen">{composerTexts.withinAMinute}</span>.
          </span>
          <button
            type="button"
            className="btn btn-s"
            disabled={props.locked !== null}
            title={props.locked ?? undefined}
            onClick={props.onResume}
          >
            <Icon name="play" />
            {composerTexts.resume}
          </button>
        </p>
      )}
      {shown.length > 0 && (
        <div className="queue-row">
          <ol id={id} className="queue-list">
            {shown.map((each) => (
              <Entry key={each.request} entry={each} isOpen={open} {...props} />
            ))}
          </ol>
          {hidden > 0 && (
            <button
              type="button"
              className="composer-tool queue-more"
              aria-expanded={open}
              aria-controls={id}
              aria-label={open ? composerTexts.showOnlyNextRequest : composerTexts.showMoreQueue(hidden)}
              onClick={() => setOpen(!open)}
            >
              {open ? composerTexts.less : `+${hidden}`}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function Asker({ by, person }: { readonly by: string } & Pick<QueueProps, "person">) {
  const { name, color, isMe } = person(by);
  return <b style={{ color: colorVar(color) }}>{isMe ? composerTexts.you : name}</b>;
}

function Run({ run, ...props }: QueueProps & { readonly run: Elsewhere }) {
  return (
    <p className="queue-line">
      <span className="output-spin" aria-hidden="true" />
      <Asker by={run.by} person={props.person} />
      <span className="queue-words">{composerTexts.isBeingWritten(run.query)}</span>
      <button type="button" className="composer-tool" onClick={() => props.onShow(run.request)}>
        {composerTexts.show}
      </button>
      <button
        type="button"
        className="composer-tool"
        disabled={props.locked !== null}
        title={props.locked ?? undefined}
        aria-label={composerTexts.stop(run.query)}
        onClick={() => props.onStop(run.request)}
      >
        {composerTexts.stopButton}
      </button>
    </p>
  );
}

/** Asks the author about a request that was written offline and arrived after the room had moved on. */
function OldRequest({ old, ...props }: QueueProps & { readonly old: Waiting }) {
  return (
    <p className="queue-line queue-old" role="status">
      <Icon name="clock" />
      <span className="queue-words">{composerTexts.askedWhileOffline(old.query)}</span>
      <button type="button" className="btn btn-s" onClick={() => props.onConfirm(old.request)}>
        {composerTexts.askNow}
      </button>
      <button type="button" className="composer-tool" onClick={() => props.onCancel(old.request)}>
        {composerTexts.discard}
      </button>
    </p>
  );
}

type EntryProps = QueueProps & { readonly entry: Waiting; readonly isOpen: boolean };

function Entry({ entry, isOpen, ...props }: EntryProps) {
  const { request, query, state, place, up, down, mayCancel } = entry;
  const label =
    state === "sending"
      ? composerTexts.sending
      : state === "old" || place === null
        ? composerTexts.asksAgain
        : placeText(place);
  const move = (before: string | null | undefined) => {
    if (before !== undefined) props.onMove(request, before);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const isMove = event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown");
    const isCancel = (event.key === "Delete" || event.key === "Backspace") && mayCancel;
    if (isMove || isCancel) event.preventDefault();
    if (isMove) move(event.key === "ArrowUp" ? up : down);
    else if (isCancel) props.onCancel(request);
  };
  const asker = props.person(entry.by);
  return (
    <li
      className="queue-line"
      data-waiting={request}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard user moves and cancels a request
      tabIndex={0}
      aria-label={`${label}: ${asker.isMe ? composerTexts.youInSentence : asker.name}, ${query}`}
      onKeyDown={onKeyDown}
    >
      <span className="queue-place">{label}</span>
      <Asker by={entry.by} person={props.person} />
      <span className="queue-words" title={query}>
        “{query}”
      </span>
      {isOpen && up !== undefined && (
        <Step label={composerTexts.moveUp} icon="up" query={query} onClick={() => move(up)} />
      )}
      {isOpen && down !== undefined && (
        <Step label={composerTexts.moveDown} icon="down" query={query} onClick={() => move(down)} />
      )}
      {mayCancel && (
        <button
          type="button"
          className="composer-tool"
          aria-label={composerTexts.cancel(query)}
          onClick={() => props.onCancel(request)}
        >
          {composerTexts.cancelButton}
        </button>
      )}
    </li>
  );
}

type StepProps = {
  readonly label: string;
  readonly icon: "up" | "down";
  readonly query: string;
  readonly onClick: () => void;
};

function Step({ label, icon, query, onClick }: StepProps) {
  return (
    <button
      type="button"
      className="p-icon"
      aria-label={`${label}: “${query}”`}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
