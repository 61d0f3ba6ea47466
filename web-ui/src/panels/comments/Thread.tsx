import { useState } from "react";
import { Icon } from "../../icon/Icon";
import { addComment, type Comment, resolveThread, setCommentText, useDoc, useRoom } from "../../room";
import { placeInText, textPathOf } from "../../room/anchors";
import { colorVar } from "../../room/people";
import type { CommentThread } from "../../room/schema/discussion";
import type { RoomDoc } from "../../room/schema/document";
import { shortened } from "../../room/schema/scalars";
import { selectionTexts } from "../../texts";
import { jumpTo } from "../shared/jump";
import type { PersonOf } from "../shared/people";
import { timeOrDate } from "../shared/time";
import { CommentForm } from "./CommentForm";

/** The length of the quoted text above a thread, in UTF-16 units. */
const QUOTE_UNITS = 160;

type ThreadProps = {
  readonly thread: CommentThread;
  readonly person: PersonOf;
  readonly now: number;
  /** Whether the person came to the panel for this thread. */
  readonly current: boolean;
};

/** A thread: the commented text, the comments with author and time, and a field for a reply. */
export function Thread({ thread, person, now, current }: ThreadProps) {
  const room = useRoom();
  const { first, replies } = thread;
  const [replying, setReplying] = useState(false);
  const isGone = useDoc((doc: RoomDoc) => isTextGone(doc, first));
  const resolver = first.resolved === null ? null : person(first.resolved.by);
  const show = () => {
    const path = textPathOf(first.target);
    const range = path === null ? null : placeInText(room.handle.doc(), path, first);
    jumpTo(room, {
      target: first.target,
      words: first.quoted,
      start: first.start,
      ...(range !== null && { range }),
    });
  };
  return (
    <li
      className="comment-thread"
      data-thread={first.key}
      data-current={current || undefined}
      data-resolved={resolver !== null || undefined}
    >
      {first.quoted !== "" && (
        <button type="button" className="comment-quote" dir="auto" onClick={show} disabled={isGone}>
          {shortened(first.quoted, QUOTE_UNITS)}
        </button>
      )}
      {isGone && <p className="comment-gone">{selectionTexts.textGone}</p>}
      {[first, ...replies].map((comment) => (
        <CommentLine key={comment.key} comment={comment} person={person} now={now} />
      ))}
      {resolver !== null && first.resolved !== null && (
        <p className="comment-resolved">
          <Icon name="check" />
          {selectionTexts.resolvedBy(resolver.isMe ? selectionTexts.you : resolver.name)}
          {" · "}
          {timeOrDate(first.resolved.at, now)}
        </p>
      )}
      {room.canEdit && (
        <div className="comment-actions">
          {!replying && (
            <button type="button" className="p-link" onClick={() => setReplying(true)}>
              {selectionTexts.reply}
            </button>
          )}
          <button
            type="button"
            className="p-link"
            onClick={() => {
              const resolved = first.resolved !== null;
              room.change(resolveThread(first.key, resolved ? null : room.authorship()));
              room.announce(resolved ? selectionTexts.reopened : selectionTexts.resolved);
            }}
          >
            {first.resolved === null ? selectionTexts.resolve : selectionTexts.reopen}
          </button>
        </div>
      )}
      {replying && (
        <CommentForm
          label={selectionTexts.replyField}
          send={selectionTexts.reply}
          onCancel={() => setReplying(false)}
          onSend={(text) => {
            setReplying(false);
            room.change(
              addComment({
                ...room.authorship(),
                id: room.newId(),
                text,
                thread: first.key,
                anchor: { target: first.target, quoted: "", start: "", end: "" },
              }),
            );
          }}
        />
      )}
    </li>
  );
}

function CommentLine({
  comment,
  person,
  now,
}: {
  readonly comment: Comment;
  readonly person: PersonOf;
  readonly now: number;
}) {
  const room = useRoom();
  const author = person(comment.by);
  return (
    <article className="comment-line" aria-label={`${author.name}, ${timeOrDate(comment.at, now)}`}>
      <header>
        <b style={{ color: colorVar(author.color) }}>{author.name}</b>
        <time dateTime={new Date(comment.at).toISOString()}>{timeOrDate(comment.at, now)}</time>
        {author.isMe && comment.text !== "" && (
          <button
            type="button"
            className="p-icon"
            aria-label={selectionTexts.deleteComment}
            title={selectionTexts.deleteComment}
            onClick={() => {
              room.change(setCommentText(comment.key, ""));
              room.notify(selectionTexts.commentDeleted, {
                label: selectionTexts.undo,
                run: () => room.change(setCommentText(comment.key, comment.text)),
              });
            }}
          >
            <Icon name="trash" />
          </button>
        )}
      </header>
      <p dir="auto">{comment.text === "" ? <em>{selectionTexts.commentDeleted}</em> : comment.text}</p>
    </article>
  );
}

/** Whether the commented text of a note or card was removed. The text of an answer never changes. */
function isTextGone(doc: RoomDoc, comment: Comment): boolean {
  const path = textPathOf(comment.target);
  return comment.quoted !== "" && path !== null && placeInText(doc, path, comment) === null;
}
