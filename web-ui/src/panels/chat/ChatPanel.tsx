import { Fragment, memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type Person } from "../../room/people";
import { LIMITS } from "../../room/schema/document";
import type { ChatEntry } from "../../room/schema/read";
import { AnswerText } from "../output/AnswerText";
import { BlockActionContext, type CodeOfBlock } from "../output/blockAction";
import { isSendKey } from "../shared/enter";
import { timeOfDay } from "../shared/time";
import { useDraft } from "../shared/useDraft";
import { useStickyScroll } from "../shared/useStickyScroll";
import { piecesOf } from "./links";
import { dayLabel, newDay, unreadFrom } from "./unread";
import "./chat.css";

export type ChatProps = {
  /** Messages in the document's order, which is the same for everyone. */
  readonly entries: readonly ChatEntry[];
  readonly person: (identity: string) => Person;
  /** Names of the other people who are typing now. */
  readonly typing: readonly string[];
  /** The reason why this person may not write, or null. */
  readonly locked: string | null;
  /** The id of the newest message that this person has seen, or null. */
  readonly lastSeen: string | null;
  readonly onSeen: (id: string) => void;
  readonly onSend: (text: string, replyTo: string | null) => void;
  readonly onTyping: (typing: boolean) => void;
  /** A further button for a code block of an entry. */
  readonly blockAction?: (entry: ChatEntry, block: CodeOfBlock) => ReactNode;
};

/** The room's chat: a list of messages that are never edited, and a form for a new message. */
export function ChatPanel(props: ChatProps) {
  const { entries, person, locked } = props;
  const { scroller, content, atEnd, jump } = useStickyScroll();
  const [replyTo, setReplyTo] = useState<ChatEntry | null>(null);
  const newest = entries.at(-1)?.id ?? null;
  const { lastSeen, onSeen } = props;
  // The unread mark stays at the message that was the first unread one when this panel was opened or scrolled away.
  const [unreadMark, setUnreadMark] = useState(() => unreadFrom(entries, lastSeen, isOwn(person)));

  useEffect(() => {
    if (newest === null || newest === lastSeen) return;
    const read = atEnd && document.visibilityState === "visible";
    if (read) onSeen(newest);
    else setUnreadMark((old) => old ?? unreadFrom(entries, lastSeen, isOwn(person)));
  }, [newest, lastSeen, atEnd, onSeen, entries, person]);

  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return (
    <div className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long chat is scrolled by keys */}
      <div className="chat-scroll" ref={scroller} role="log" aria-label="Messages" tabIndex={0}>
        <div ref={content} className="chat-list">
          {entries.length === 0 && <p className="p-empty">No messages yet.</p>}
          {entries.map((entry, at) => (
            <Fragment key={entry.id === "" ? at : entry.id}>
              {newDay(entries[at - 1], entry) && <p className="chat-day">{dayLabel(entry.at, Date.now())}</p>}
              {unreadMark === entry.id && <p className="chat-new">New</p>}
              <Message
                entry={entry}
                author={person(entry.by)}
                quote={quoteOf(entry.replyTo === null ? undefined : byId.get(entry.replyTo), person)}
                onReply={locked === null && entry.kind !== "system" ? setReplyTo : null}
                blockAction={props.blockAction}
              />
            </Fragment>
          ))}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="p-jump chat-jump" onClick={jump}>
          <Icon name="toBottom" />
          {newest === lastSeen ? "Newest" : "New messages"}
        </button>
      )}
      {locked === null ? (
        <MessageForm {...props} replyTo={replyTo} onReplied={() => setReplyTo(null)} onSent={jump} />
      ) : (
        <p className="chat-say chat-locked">{locked}</p>
      )}
    </div>
  );
}

const isOwn = (person: ChatProps["person"]) => (entry: ChatEntry) =>
  person(entry.by).isMe && entry.kind !== "program";

/** The name that a message is shown under. */
export function speakerOf({ kind }: ChatEntry, author: Person): string {
  switch (kind) {
    case "model":
      return "Model";
    case "system":
      return "Room";
    case "program":
      return `${author.name}'s program`;
    default:
      return author.name;
  }
}

type MessageProps = {
  readonly entry: ChatEntry;
  readonly author: Person;
  /** The author and the text of the message that this one replies to, or null. */
  readonly quote: string | null;
  readonly onReply: ((entry: ChatEntry) => void) | null;
  readonly blockAction: ChatProps["blockAction"];
};

function quoteOf(entry: ChatEntry | undefined, person: ChatProps["person"]): string | null {
  return entry === undefined ? null : `${speakerOf(entry, person(entry.by))}: ${entry.text}`;
}

const Message = memo(function Message({ entry, author, quote, onReply, blockAction }: MessageProps) {
  const name = speakerOf(entry, author);
  const action = useMemo(
    () => (blockAction === undefined ? null : (block: CodeOfBlock) => blockAction(entry, block)),
    [entry, blockAction],
  );
  return (
    <article
      className="chat-message"
      data-message={entry.id}
      data-kind={entry.kind}
      data-mine={author.isMe && entry.kind === "say"}
      style={{ "--p": entry.kind === "model" ? "var(--go)" : colorVar(author.color) }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard user reads the messages one after another
      tabIndex={0}
      aria-label={`${name}${author.isMe && entry.kind === "say" ? ", you" : ""}, ${timeOfDay(entry.at)}`}
    >
      <header>
        <b>{name}</b>
        {author.isMe && entry.kind === "say" && <span className="chat-you">you</span>}
        <time dateTime={new Date(entry.at).toISOString()}>{timeOfDay(entry.at)}</time>
        {onReply !== null && (
          <button
            type="button"
            className="p-icon chat-reply"
            aria-label={`Reply to ${name}`}
            title="Reply"
            onClick={() => onReply(entry)}
          >
            <Icon name="reply" />
          </button>
        )}
      </header>
      {quote !== null && <p className="chat-answered">{quote}</p>}
      {entry.kind === "program" ? (
        <div className="chat-program">
          <BlockActionContext value={action}>
            <AnswerText text={entry.text} streaming={false} />
          </BlockActionContext>
        </div>
      ) : (
        <p className="chat-text" dir="auto">
          <Linked text={entry.text} />
        </p>
      )}
    </article>
  );
});

/** A message with its addresses as links. */
function Linked({ text }: { readonly text: string }) {
  let at = 0;
  return piecesOf(text).map((piece) => {
    const key = at;
    at += piece.text.length;
    return piece.href === null ? (
      <Fragment key={key}>{piece.text}</Fragment>
    ) : (
      <a key={key} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
        {piece.text}
      </a>
    );
  });
}

type MessageFormProps = ChatProps & {
  readonly replyTo: ChatEntry | null;
  readonly onReplied: () => void;
  readonly onSent: () => void;
};

/** The time after the last key press in which a person counts as typing. */
const TYPING_MS = 4000;

function MessageForm({ person, typing, onSend, onTyping, replyTo, onReplied, onSent }: MessageFormProps) {
  const [text, setText] = useDraft("chat");
  const field = useRef<HTMLTextAreaElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tooLong = text.length > LIMITS.chat;

  useEffect(() => {
    if (replyTo !== null) field.current?.focus();
  }, [replyTo]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    onTyping(next !== "");
    if (next !== "") timer.current = setTimeout(() => onTyping(false), TYPING_MS);
  };
  const send = () => {
    if (text.trim() === "" || tooLong) return;
    onSend(text.trim(), replyTo?.id ?? null);
    type("");
    onReplied();
    onSent();
  };
  return (
    <form
      className="chat-say"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {replyTo !== null && (
        <p className="chat-answering">
          <span>
            Reply to {speakerOf(replyTo, person(replyTo.by))}: {replyTo.text}
          </span>
          <button type="button" className="p-icon" aria-label="Cancel reply" onClick={onReplied}>
            <Icon name="close" />
          </button>
        </p>
      )}
      <textarea
        ref={field}
        className="p-grow chat-field"
        rows={1}
        placeholder="Say something"
        aria-label="Message"
        aria-invalid={tooLong}
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          const { key, shiftKey, altKey, keyCode } = event;
          if (isSendKey({ key, shiftKey, altKey, keyCode, isComposing: event.nativeEvent.isComposing })) {
            event.preventDefault();
            send();
          } else if (key === "Escape" && replyTo !== null) {
            event.stopPropagation();
            onReplied();
          }
        }}
      />
      <span className="chat-typing" aria-live="off">
        {tooLong ? `${(text.length - LIMITS.chat).toLocaleString("en-GB")} too many` : typingLine(typing)}
      </span>
    </form>
  );
}

/** "Heron is typing…", "Heron and Finch are typing…", "3 people are typing…". */
export function typingLine(names: readonly string[]): string {
  const [first, second] = names.map((name) => name.split(" ").at(-1));
  if (names.length === 0) return "";
  if (names.length === 1) return `${first} is typing…`;
  return names.length === 2 ? `${first} and ${second} are typing…` : `${names.length} people are typing…`;
}
