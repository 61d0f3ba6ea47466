import { type Comment, type RoomSession, useComments, useRoom, useSource } from "../../room";
import type { Anchor } from "../../room/commands/discussion";
import { type CommentThread, threadsOf } from "../../room/schema/discussion";
import { Cell } from "../../room/store";
import { perRoom } from "../shared/perRoom";

/** What the panel of comments shows. */
export type CommentsView = {
  /** The text whose comments are shown; null for all comments of the room. */
  readonly target: string | null;
  /** The thread that the person came from, or null. */
  readonly thread: string | null;
  /** The place of the comment that the person is about to write, or null. */
  readonly draft: Anchor | null;
};

const views = perRoom(() => new Cell<CommentsView | null>(null));

/** The open panel of comments, or null while it is closed. Only this person sees it. */
export const commentsViewIn = (room: RoomSession): Cell<CommentsView | null> => views(room);
export const useCommentsView = (): CommentsView | null => useSource(commentsViewIn(useRoom()), selectAll);

export function showComments(room: RoomSession, view: Partial<CommentsView>): void {
  commentsViewIn(room).set({ target: null, thread: null, draft: null, ...view });
}

const selectAll = <T>(value: T): T => value;

const byTarget = new WeakMap<readonly Comment[], ReadonlyMap<string, readonly CommentThread[]>>();

/** The threads by target. They are computed once for each state of the comments. */
export function threadsByTarget(comments: readonly Comment[]): ReadonlyMap<string, readonly CommentThread[]> {
  const known = byTarget.get(comments);
  if (known !== undefined) return known;
  const all = new Map<string, CommentThread[]>();
  for (const thread of threadsOf(comments)) {
    const list = all.get(thread.first.target);
    if (list === undefined) all.set(thread.first.target, [thread]);
    else list.push(thread);
  }
  byTarget.set(comments, all);
  return all;
}

const NO_THREADS: readonly CommentThread[] = [];

export function useThreadsOf(target: string): readonly CommentThread[] {
  return threadsByTarget(useComments()).get(target) ?? NO_THREADS;
}

export const isOpen = ({ first }: CommentThread): boolean => first.resolved === null;
