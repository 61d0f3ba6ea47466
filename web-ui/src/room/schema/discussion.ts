import { cached, cachedEntries, isObject } from "./cache";
import { LIMITS, type Raw, type RoomDoc, SIGNS, type Sign } from "./document";
import { int, str, strOrNull, truncated } from "./scalars";

export type { Sign } from "./document";

/** A comment on a selected text, or a reply to a comment [CM1]. */
export interface Comment {
  /** The key in the document: an id and the author. */
  readonly key: string;
  readonly by: string;
  readonly at: number;
  /** `note:<id>`, `card:<id>` or `result:<request>`. */
  readonly target: string;
  /** The key of the first comment of the thread; null for the first comment itself. */
  readonly thread: string | null;
  /** The selected text when the comment was made; empty for a comment on the whole. */
  readonly quoted: string;
  /** The first and the last selected character: cursors of a shared text, or offsets in an answer. */
  readonly start: string;
  readonly end: string;
  /** Empty if the author has deleted the comment. */
  readonly text: string;
  readonly resolved: { readonly by: string; readonly at: number } | null;
}

/** A vote or another sign of one person [RX1]. */
export interface Reaction {
  readonly sign: Sign;
  readonly by: string;
  readonly at: number;
}

/** The part of a key behind the given number of separators; empty if there are fewer. */
export function authorOf(key: string, before: number): string {
  let at = -1;
  for (let i = 0; i < before; i++) {
    at = key.indexOf("|", at + 1);
    if (at < 0) return "";
  }
  return key.slice(at + 1);
}

const comment = cachedEntries<Comment>((key, raw) => ({
  key,
  by: authorOf(key, 1),
  at: int(raw.at),
  target: str(raw.target),
  thread: strOrNull(raw.thread),
  quoted: truncated(raw.quoted, LIMITS.commentQuote),
  start: str(raw.start),
  end: str(raw.end),
  text: truncated(raw.text, LIMITS.comment),
  resolved: isObject(raw.resolved) ? { by: str(raw.resolved.by), at: int(raw.resolved.at) } : null,
}));

const commentList = cached<readonly Comment[]>((raw) =>
  comment(raw)
    .filter(({ by }) => by !== "")
    .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1)),
);

const reactionMap = cached<ReadonlyMap<string, readonly Reaction[]>>((raw) => {
  const all = new Map<string, Reaction[]>();
  for (const [key, value] of Object.entries(raw)) {
    const by = authorOf(key, 2);
    const [target = "", sign = ""] = key.split("|", 2);
    if (by === "" || !isSign(sign) || (typeof value !== "number" && !(value instanceof Date))) continue;
    const list = all.get(target);
    const reaction = { sign, by, at: int(value) };
    if (list === undefined) all.set(target, [reaction]);
    else list.push(reaction);
  }
  for (const list of all.values()) list.sort((a, b) => a.at - b.at || (a.by < b.by ? -1 : 1));
  return all;
});

const isSign = (text: string): text is Sign => (SIGNS as readonly string[]).includes(text);

/** All comments, oldest first. */
export const readComments = (doc: Raw<RoomDoc>): readonly Comment[] => commentList(doc?.comments);
/** The reactions by target, each list oldest first. */
export const readReactions = (doc: Raw<RoomDoc>): ReadonlyMap<string, readonly Reaction[]> =>
  reactionMap(doc?.reactions);

/** The first comment of a thread, with its replies. */
export interface CommentThread {
  readonly first: Comment;
  readonly replies: readonly Comment[];
}

/** The threads in order of their first comments. A thread without any text is left out [CM5]. */
export function threadsOf(comments: readonly Comment[]): readonly CommentThread[] {
  const replies = new Map<string, Comment[]>();
  for (const comment of comments) {
    if (comment.thread === null || comment.text === "") continue;
    const list = replies.get(comment.thread);
    if (list === undefined) replies.set(comment.thread, [comment]);
    else list.push(comment);
  }
  return comments
    .filter(({ thread }) => thread === null)
    .map((first) => ({ first, replies: replies.get(first.key) ?? [] }))
    .filter((thread) => thread.first.text !== "" || thread.replies.length > 0);
}
