import { Fragment, memo, type ReactNode, useMemo } from "react";
import { Icon } from "../../icon/Icon";
import { colorVar, type Person } from "../../room/people";
import type { ChatEntry } from "../../room/schema/read";
import { chatTexts } from "../../texts";
import { RoomImage } from "../images/RoomImage";
import { AnswerText } from "../output/AnswerText";
import { BlockActionContext, type CodeOfBlock } from "../output/blockAction";
import { timeOfDay } from "../shared/time";
import { piecesOf } from "./links";

/** The name that a message is shown under. */
export function speakerOf({ kind }: ChatEntry, author: Person): string {
  switch (kind) {
    case "model":
      return chatTexts.model;
    case "system":
      return chatTexts.room;
    case "program":
      return chatTexts.sProgram(author.name);
    default:
      return author.name;
  }
}

type MessageProps = {
  readonly entry: ChatEntry;
  /** The name that the message is shown under. */
  readonly name: string;
  readonly color: number;
  /** Whether this person wrote the message. */
  readonly mine: boolean;
  /** The author and the text of the message that this one replies to, or null. */
  readonly quote: string | null;
  /** The state of the request that the message made, or null. */
  readonly request: string | null;
  readonly onReply: ((entry: ChatEntry) => void) | null;
  /** A further button for a code block of the message. */
  readonly blockAction?: ((entry: ChatEntry, block: CodeOfBlock) => ReactNode) | undefined;
};

/** One message. It is rendered again only if something in it changes, and not when its author moves or types. */
export const Message = memo(function Message({
  entry,
  name,
  color,
  mine,
  quote,
  request,
  onReply,
  blockAction,
}: MessageProps) {
  const action = useMemo(
    () => (blockAction === undefined ? null : (block: CodeOfBlock) => blockAction(entry, block)),
    [entry, blockAction],
  );
  return (
    <article
      className="chat-message"
      data-message={entry.id}
      data-kind={entry.kind}
      data-mine={mine}
      style={{ "--p": entry.kind === "model" ? "var(--go)" : colorVar(color) }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard user reads the messages one after another
      tabIndex={0}
      aria-label={`${name}${mine ? ", you" : ""}, ${timeOfDay(entry.at)}`}
    >
      <header>
        <b>{name}</b>
        {mine && <span className="chat-you">{chatTexts.you}</span>}
        <time dateTime={new Date(entry.at).toISOString()}>{timeOfDay(entry.at)}</time>
        {onReply !== null && (
          <button
            type="button"
            className="p-icon chat-reply"
            aria-label={chatTexts.replyTo2(name)}
            title={chatTexts.reply}
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
        entry.text !== "" && (
          <p className="chat-text" dir="auto">
            <Linked text={entry.text} />
          </p>
        )
      )}
      {entry.image && <RoomImage id={entry.image} alt={entry.alt ?? ""} />}
      {request !== null && (
        <p className="chat-request">
          <Icon name="spark" />
          {request}
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
