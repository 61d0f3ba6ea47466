import { memo, type ReactNode, useMemo, useState } from "react";
import { Icon, type IconName } from "../../icon/Icon";
import { colorVar, type NamedPerson } from "../../room/people";
import type { ChatEntry } from "../../room/schema/read";
import { chatTexts } from "../../texts";
import { RoomImage } from "../images/RoomImage";
import { AnswerText } from "../output/AnswerText";
import { BlockActionContext, type CodeOfBlock } from "../output/blockAction";
import { timeOfDay } from "../shared/time";
import { MessageEdit } from "./MessageEdit";
import { MessageText } from "./MessageText";

/** The name that a message is shown under. */
export function speakerOf({ kind }: ChatEntry, author: NamedPerson): string {
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

/** The reactions of messages. The object stays the same for all messages. */
export type MessageExtras = {
  readonly actions: (entry: ChatEntry, name: string) => ReactNode;
  readonly foot: (entry: ChatEntry) => ReactNode;
};

/** Whether the author of a message has deleted it [CH1]. */
export const isDeleted = ({ text, editedAt }: ChatEntry): boolean => editedAt !== undefined && text === "";

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
  /** Replaces the text of an own message, or deletes it with an empty text; null if this person may not write. */
  readonly onEdit: ((entry: ChatEntry, text: string) => void) | null;
  /** The names of the people in the room, which a message can name with `@`. */
  readonly names?: readonly string[] | undefined;
  /** Whether the message names this person. */
  readonly namesMe?: boolean;
  /** Further buttons of the message, and what stands below its text. */
  readonly extras?: MessageExtras | undefined;
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
  onEdit,
  names,
  namesMe = false,
  extras,
  blockAction,
}: MessageProps) {
  const [editing, setEditing] = useState(false);
  const deleted = isDeleted(entry);
  const mayEdit = mine && onEdit !== null && !deleted;
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
      data-names-me={namesMe || undefined}
      style={{ "--p": entry.kind === "model" ? "var(--go)" : colorVar(color) }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard user reads the messages one after another
      tabIndex={0}
      aria-label={`${name}${mine ? chatTexts.youAfterName : ""}, ${timeOfDay(entry.at)}`}
    >
      <header>
        <b>{name}</b>
        {mine && <span className="chat-you">{chatTexts.you}</span>}
        <time dateTime={new Date(entry.at).toISOString()}>{timeOfDay(entry.at)}</time>
        {entry.editedAt !== undefined && !deleted && (
          <span className="chat-you" title={timeOfDay(entry.editedAt)}>
            {chatTexts.edited}
          </span>
        )}
        {!deleted && !editing && (
          <span className="chat-actions">
            {entry.kind !== "system" && extras?.actions(entry, name)}
            {mayEdit && (
              <>
                <ActionButton icon="pencil" label={chatTexts.edit} onClick={() => setEditing(true)} />
                <ActionButton icon="trash" label={chatTexts.delete} onClick={() => onEdit(entry, "")} />
              </>
            )}
            {onReply !== null && (
              <ActionButton
                icon="reply"
                label={chatTexts.replyToPerson(name)}
                title={chatTexts.reply}
                onClick={() => onReply(entry)}
              />
            )}
          </span>
        )}
      </header>
      {quote !== null && (
        <p dir="auto" className="chat-answered">
          {quote}
        </p>
      )}
      {entry.kind === "system" ? (
        <div dir="auto" className="chat-text">
          <AnswerText text={entry.text} streaming={false} />
        </div>
      ) : entry.kind === "program" ? (
        <div className="chat-program">
          <BlockActionContext value={action}>
            <AnswerText text={entry.text} streaming={false} />
          </BlockActionContext>
        </div>
      ) : (
        <MessageBody
          entry={entry}
          names={names}
          editing={editing && mayEdit}
          onDone={(text) => {
            setEditing(false);
            if (text !== null && text !== entry.text) onEdit?.(entry, text);
          }}
        />
      )}
      {entry.image && !deleted && <RoomImage id={entry.image} alt={entry.alt ?? ""} />}
      {!deleted && extras?.foot(entry)}
      {request !== null && (
        <p className="chat-request">
          <Icon name="spark" />
          {request}
        </p>
      )}
    </article>
  );
});

type BodyProps = {
  readonly entry: ChatEntry;
  readonly names?: readonly string[] | undefined;
  readonly editing: boolean;
  /** Ends the editing with the new text, or with null if nothing changes. */
  readonly onDone: (text: string | null) => void;
};

function MessageBody({ entry, names, editing, onDone }: BodyProps) {
  if (editing) return <MessageEdit text={entry.text} onDone={onDone} />;
  if (isDeleted(entry))
    return (
      <p dir="auto" className="chat-text chat-deleted">
        {chatTexts.deleted}
      </p>
    );
  return (
    <div data-quotable={entry.id === "" ? undefined : `chat:${entry.id}`}>
      <MessageText text={entry.text} names={names} />
    </div>
  );
}

type ActionProps = {
  readonly icon: IconName;
  readonly label: string;
  readonly title?: string;
  readonly onClick: () => void;
};

function ActionButton({ icon, label, title = label, onClick }: ActionProps) {
  return (
    <button type="button" className="p-icon chat-action" aria-label={label} title={title} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
