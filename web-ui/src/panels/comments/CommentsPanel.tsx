import { useEffect, useRef, useState } from "react";
import { Icon } from "../../icon/Icon";
import { addComment, useComments, useRoom } from "../../room";
import { shortened } from "../../room/schema/scalars";
import { selectionTexts } from "../../texts";
import { usePersonOf } from "../shared/people";
import { useNow } from "../shared/useNow";
import { CommentForm } from "./CommentForm";
import { Thread } from "./Thread";
import { type CommentsView, commentsViewIn, isOpen, threadsByTarget, useCommentsView } from "./view";
import "./comments.css";

/** The panel of comments at the side of the page. It is there while this person reads or writes comments. */
export function CommentsPanel() {
  const view = useCommentsView();
  return view === null ? null : <Panel view={view} />;
}

function Panel({ view }: { readonly view: CommentsView }) {
  const room = useRoom();
  const comments = useComments();
  const person = usePersonOf();
  const now = useNow(true, 60_000);
  const [showsResolved, setShowsResolved] = useState(false);
  const panel = useRef<HTMLElement>(null);
  const { target, draft, thread } = view;
  const all = threadsByTarget(comments);
  const threads = target === null ? [...all.values()].flat() : (all.get(target) ?? []);
  const shown = threads.filter((each) => showsResolved || isOpen(each) || each.first.key === thread);
  const resolvedCount = threads.filter((each) => !isOpen(each)).length;
  const set = (next: Partial<CommentsView>) => commentsViewIn(room).set({ ...view, ...next });
  const opener = useRef(document.activeElement);
  const close = () => {
    commentsViewIn(room).set(null);
    if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
  };
  useEffect(() => {
    if (draft === null) panel.current?.focus();
  }, [draft]);
  useEffect(() => {
    if (thread === null) return;
    const element = panel.current?.querySelector(`[data-thread="${CSS.escape(thread)}"]`);
    element?.scrollIntoView({ block: "nearest" });
  }, [thread]);
  return (
    <aside
      ref={panel}
      className="comments-panel"
      aria-label={selectionTexts.commentsTitle}
      data-region
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        close();
      }}
    >
      <header className="comments-head">
        <h2>{target === null ? selectionTexts.allComments : selectionTexts.commentsTitle}</h2>
        <button
          type="button"
          className="p-link"
          onClick={() => set({ target: target === null ? (shown[0]?.first.target ?? null) : null })}
          hidden={target === null}
        >
          {selectionTexts.showAll}
        </button>
        <button type="button" className="p-icon" aria-label={selectionTexts.closeComments} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div className="comments-scroll">
        {draft !== null && (
          <section className="comment-thread" data-draft="true">
            {draft.quoted !== "" && (
              <blockquote className="comment-quote" dir="auto">
                {shortened(draft.quoted, 160)}
              </blockquote>
            )}
            <CommentForm
              label={selectionTexts.commentField}
              send={selectionTexts.comment}
              onCancel={() => (threads.length === 0 ? close() : set({ draft: null }))}
              onSend={(text) => {
                const authorship = room.authorship();
                const id = room.newId();
                room.change(addComment({ ...authorship, id, text, anchor: draft }));
                room.announce(selectionTexts.commentAdded);
                set({ target: draft.target, draft: null, thread: `${id}|${authorship.by}` });
              }}
            />
          </section>
        )}
        {shown.length === 0 && draft === null && <p className="p-empty">{selectionTexts.noComments}</p>}
        <ul className="comment-list">
          {shown.map((each) => (
            <Thread
              key={each.first.key}
              thread={each}
              person={person}
              now={now}
              current={each.first.key === thread}
            />
          ))}
        </ul>
        {room.canEdit && draft === null && target !== null && (
          <button
            type="button"
            className="btn btn-s comment-new"
            onClick={() => set({ draft: { target, quoted: "", start: "", end: "" } })}
          >
            <Icon name="plus" />
            {selectionTexts.newComment}
          </button>
        )}
        {resolvedCount > 0 && (
          <button
            type="button"
            className="p-link comments-resolved"
            aria-pressed={showsResolved}
            onClick={() => setShowsResolved(!showsResolved)}
          >
            {showsResolved ? selectionTexts.hideResolved : selectionTexts.showResolved(resolvedCount)}
          </button>
        )}
      </div>
    </aside>
  );
}
