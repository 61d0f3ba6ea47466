import type { Sign } from "../schema/document";
import { scalar } from "../schema/scalars";
import { type Authorship, type Command, RoomIncomplete } from "./command";

/** The place of a comment: a target, and the selected text in it with its first and last character. */
export interface Anchor {
  readonly target: string;
  readonly quoted: string;
  readonly start: string;
  readonly end: string;
}

export interface NewComment extends Authorship {
  readonly id: string;
  readonly text: string;
  readonly anchor: Anchor;
  /** The key of the first comment of the thread; missing for a new thread. */
  readonly thread?: string;
}

/** Adds a comment or a reply. Its key names the author, who alone may change it [CM1]. */
export function addComment({ id, by, at, text, anchor, thread }: NewComment): Command {
  return (doc) => {
    if (doc.comments === undefined) throw new RoomIncomplete("comments");
    doc.comments[`${id}|${by}`] = {
      target: scalar(anchor.target),
      thread: thread === undefined ? null : scalar(thread),
      quoted: scalar(anchor.quoted),
      start: scalar(anchor.start),
      end: scalar(anchor.end),
      text: scalar(text),
      at,
    };
  };
}

/** Replaces the text of an own comment; an empty text deletes it. */
export function setCommentText(key: string, text: string): Command {
  return (doc) => {
    const comment = doc.comments?.[key];
    if (comment !== undefined) comment.text = scalar(text);
  };
}

/** Resolves a thread, or reopens it with null. */
export function resolveThread(key: string, by: Authorship | null): Command {
  return (doc) => {
    const comment = doc.comments?.[key];
    if (comment === undefined) return;
    comment.resolved = by === null ? null : { by: scalar(by.by), at: by.at };
  };
}

/** Adds an own vote or sign, or takes it back. */
export function react(target: string, sign: Sign, on: boolean, { by, at }: Authorship): Command {
  return (doc) => {
    if (doc.reactions === undefined) throw new RoomIncomplete("reactions");
    const key = `${target}|${sign}|${by}`;
    if (on) doc.reactions[key] ??= at;
    else delete doc.reactions[key];
  };
}

/** Replaces the text of an own chat message; an empty text deletes the message [CH1]. */
export function editMessage(id: string, text: string, { by, at }: Authorship): Command {
  return (doc) => {
    if (doc.edits === undefined) throw new RoomIncomplete("edits");
    doc.edits[`${id}|${by}`] = { text: scalar(text), at };
  };
}
