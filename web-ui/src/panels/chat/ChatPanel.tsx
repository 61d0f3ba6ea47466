import { type ReactNode, useEffect, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { useSource } from "../../room";
import type { NamedPerson } from "../../room/people";
import { LIMITS } from "../../room/schema/document";
import type { ChatEntry } from "../../room/schema/read";
import { Cell } from "../../room/store";
import { chatTexts, imageTexts } from "../../texts";
import { AddImage, useImageTarget } from "../images/AddImage";
import { PendingImages } from "../images/PendingImages";
import type { Upload, Uploads } from "../images/uploads";
import type { CodeOfBlock } from "../output/blockAction";
import { isSendKey } from "../shared/enter";
import { useDraft } from "../shared/useDraft";
import { useStickyScroll } from "../shared/useStickyScroll";
import { type MessageExtras, speakerOf } from "./Message";
import { type Mentions, MessageList } from "./MessageList";
import { unreadFrom } from "./unread";
import "./chat.css";

export type ChatProps = {
  /** Messages in the document's order, which is the same for everyone. */
  readonly entries: readonly ChatEntry[];
  readonly person: (identity: string) => NamedPerson;
  /** The name of another person in the room, who can be greeted in an empty chat. */
  readonly company?: string | undefined;
  /** Names of the other people who are typing now. */
  readonly typing: readonly string[];
  /** The reason why this person may not write, or null. */
  readonly locked: string | null;
  /** The id of the newest message that this person has seen, or null. */
  readonly lastSeen: string | null;
  readonly onSeen: (id: string) => void;
  readonly onSend: (text: string, replyTo: string | null, image?: SentImage) => void;
  /** The images that go with the next messages, or null if this person may not send any. */
  readonly uploads: Uploads | null;
  readonly onTyping: (typing: boolean) => void;
  /** A further button for a code block of an entry. */
  readonly blockAction?: (entry: ChatEntry, block: CodeOfBlock) => ReactNode;
  /** Whether a text asks the model instead of only the people. */
  readonly asksModel: (text: string) => boolean;
  /** The state of the request that a message made with `@model`, or null. */
  readonly requestOf: (entry: ChatEntry) => string | null;
  /** Replaces the text of an own message; an empty text deletes it. The function stays the same. */
  readonly onEdit?: (entry: ChatEntry, text: string) => void;
  readonly extras?: MessageExtras;
  readonly mentions?: Mentions;
  /** The id of a message that must be drawn, or null. */
  readonly reveal?: string | null;
};

/** An image of a message, with the words that describe it. */
export type SentImage = { readonly id: string; readonly alt: string };

/** The room's chat: a list of messages, and a form for a new message. */
export function ChatPanel(props: ChatProps) {
  const { entries, person, locked } = props;
  const { scroller, content, atEnd, jump } = useStickyScroll();
  const [replyTo, setReplyTo] = useState<ChatEntry | null>(null);
  const newest = entries.at(-1)?.id ?? null;
  const { uploads } = props;
  const imageTarget = useImageTarget(
    locked === null && uploads !== null ? (files) => uploads.add(files) : null,
  );
  const { lastSeen, onSeen } = props;
  // The unread mark stays at the message that was the first unread one when this panel was opened or scrolled away.
  const [unreadMark, setUnreadMark] = useState(() => unreadFrom(entries, lastSeen, isOwn(person)));

  useEffect(() => {
    if (newest === null || newest === lastSeen) return;
    const read = atEnd && document.visibilityState === "visible";
    if (read) onSeen(newest);
    else setUnreadMark((old) => old ?? unreadFrom(entries, lastSeen, isOwn(person)));
  }, [newest, lastSeen, atEnd, onSeen, entries, person]);

  return (
    <div className="chat" {...imageTarget}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long chat is scrolled by keys */}
      <div className="chat-scroll" ref={scroller} role="log" aria-label={chatTexts.messages} tabIndex={0}>
        <div ref={content} className="chat-list">
          {entries.length === 0 && (
            <p className="p-empty">
              {props.company ? chatTexts.sayHiTo(props.company) : chatTexts.noMessagesYet}
            </p>
          )}
          <MessageList
            entries={entries}
            person={person}
            requestOf={props.requestOf}
            scroller={scroller}
            atEnd={atEnd}
            unreadMark={unreadMark}
            onReply={locked === null ? setReplyTo : null}
            onEdit={locked === null ? (props.onEdit ?? null) : null}
            extras={props.extras}
            mentions={props.mentions}
            reveal={props.reveal ?? null}
            blockAction={props.blockAction}
          />
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="p-jump chat-jump" onClick={jump}>
          <Icon name="toBottom" />
          {newest === lastSeen ? chatTexts.jumpToLatest : chatTexts.newMessages}
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

type MessageFormProps = ChatProps & {
  readonly replyTo: ChatEntry | null;
  readonly onReplied: () => void;
  readonly onSent: () => void;
};

const NO_UPLOADS = new Cell<readonly Upload[]>([]);
const selectAll = <T,>(value: T): T => value;

/** The time after the last key press in which a person counts as typing. */
const TYPING_MS = 4000;

function MessageForm({
  person,
  typing,
  onSend,
  onTyping,
  asksModel,
  uploads,
  replyTo,
  onReplied,
  onSent,
}: MessageFormProps) {
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
  const images = useSource(uploads?.all ?? NO_UPLOADS, selectAll);
  const [stillSending, setStillSending] = useState(false);
  const isSending = images.some(({ state }) => state.kind === "sending");
  const send = () => {
    if (tooLong) return;
    // Otherwise the words would go without their image.
    setStillSending(isSending);
    if (isSending) return;
    const stored = images.flatMap(({ key, alt, state }) =>
      state.kind === "stored" ? [{ key, id: state.image.id, alt }] : [],
    );
    if (text.trim() === "" && stored.length === 0) return;
    const [first, ...more] = stored;
    onSend(text.trim(), replyTo?.id ?? null, first);
    for (const image of more) onSend("", null, image);
    for (const { key } of stored) uploads?.remove(key);
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
            {chatTexts.replyTo} {speakerOf(replyTo, person(replyTo.by))}: {replyTo.text}
          </span>
          <button type="button" className="p-icon" aria-label={chatTexts.cancelReply} onClick={onReplied}>
            <Icon name="close" />
          </button>
        </p>
      )}
      {uploads !== null && <PendingImages uploads={uploads} />}
      {uploads !== null && <AddImage className="p-icon" onFiles={(files) => uploads.add(files)} />}
      <textarea
        dir="auto"
        ref={field}
        className="p-grow chat-field"
        rows={1}
        placeholder={chatTexts.saySomething}
        aria-label={chatTexts.message}
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
      {(text.trim() !== "" || images.length > 0) && (
        <button
          type="submit"
          className="p-icon chat-send"
          aria-label={chatTexts.send}
          title={chatTexts.send}
          disabled={tooLong}
        >
          <Icon name="arrow" />
        </button>
      )}
      {asksModel(text) && (
        <p className="chat-request" role="status">
          <Icon name="spark" />
          {chatTexts.asksModelEveryoneSeesAnswer}
        </p>
      )}
      {stillSending && isSending && (
        <p className="chat-request" role="status">
          {imageTexts.stillSending}
        </p>
      )}
      <span className="chat-typing" aria-live="off">
        {tooLong
          ? chatTexts.tooMany((text.length - LIMITS.chat).toLocaleString("en-GB"))
          : typingLine(typing)}
      </span>
    </form>
  );
}

/** "Heron is typing…", "Heron and Finch are typing…", "3 people are typing…". */
export function typingLine(names: readonly string[]): string {
  const [first = "", second = ""] = names.map((name) => name.split(" ").at(-1));
  if (names.length === 0) return "";
  if (names.length === 1) return chatTexts.isTyping(first);
  return names.length === 2 ? chatTexts.andAreTyping(first, second) : chatTexts.peopleAreTyping(names.length);
}
