import { roomTexts } from "../../texts";
import type { AttachmentDoc, ChatKind } from "../schema/document";
import type { Part } from "../schema/parts";
import { int, scalar } from "../schema/scalars";
import { writeText } from "../schema/texts";
import { type Authorship, type Command, mapOf, RoomIncomplete, setField, undoStep } from "./command";

export interface NewMessage extends Authorship {
  readonly id: string;
  readonly text: string;
  readonly kind?: ChatKind;
  readonly replyTo?: string | null;
  /** The content id of an image, and words that describe it. */
  readonly image?: string | undefined;
  readonly alt?: string | undefined;
}

/** Appends a message to the chat. The entry stays as it is; `editMessage` adds a later text beside it. */
export function sendMessage(message: NewMessage): Command {
  return (doc) => {
    if (!Array.isArray(doc.chat)) throw new RoomIncomplete("chat");
    doc.chat.push({
      id: scalar(message.id),
      by: scalar(message.by),
      at: message.at,
      kind: scalar(message.kind ?? "say"),
      text: scalar(message.text),
      replyTo: message.replyTo ? scalar(message.replyTo) : null,
      ...(message.image ? { image: scalar(message.image) } : {}),
      ...(message.alt ? { alt: scalar(message.alt) } : {}),
    });
  };
}

/** Merges the difference into the room's title, so that two people who type both keep their text. */
export function setTitle(title: string): Command {
  return (doc) => {
    writeText(doc, ["title"], title);
  };
}

export function setSystemPrompt(text: string): Command {
  return (doc) => {
    writeText(doc, ["settings", "systemPrompt"], text);
  };
}

export function setSetting(
  key: "turnMode" | "maxPlayers" | "status" | "stackRule" | "model" | "spectatorChat" | "slots" | Part,
  value: string | number | boolean | null,
): Command {
  return (doc) => undoStep(roomTexts.changeSetting, [setField(doc, ["settings", key], value)]);
}

/** Replaces a note's text by merging the difference; creates the note if it is missing. */
export function setNoteText(id: string, text: string): Command {
  return (doc) => {
    const notes = mapOf(doc, "notes");
    if (notes[id] === undefined) notes[id] = { text };
    else writeText(doc, ["notes", id, "text"], text);
  };
}

export interface NewLock extends Authorship {
  readonly request: string;
  readonly query: string;
  readonly cards: readonly string[];
  /** The earlier request whose conversation this request continues; empty for a new conversation. */
  readonly after?: string;
  /** The id of the chat entry that asks with `@model`. */
  readonly chat?: string;
  /** Notes and quoted texts that go with the question [GE17]. */
  readonly attach?: readonly NewAttachment[];
}

export type NewAttachment =
  | { readonly kind: "note"; readonly id: string }
  | { readonly kind: "text"; readonly text: string; readonly from: string | null }
  | { readonly kind: "image"; readonly id: string; readonly text: string };

function attachmentDoc(attachment: NewAttachment): AttachmentDoc {
  switch (attachment.kind) {
    case "note":
      return { kind: scalar("note"), id: scalar(attachment.id) };
    case "image":
      return { kind: scalar("image"), id: scalar(attachment.id), text: scalar(attachment.text) };
    default:
      return {
        kind: scalar("text"),
        text: scalar(attachment.text),
        from: attachment.from === null ? null : scalar(attachment.from),
      };
  }
}

/**
 * Requests a generation by writing the lock. Only the server grants the request. `seen` lets the server recognise a
 * request that was made offline. The server takes every request from its change, so a request that overwrites another
 * one takes nothing from it [GE1].
 */
export function requestGeneration(lock: NewLock): Command {
  return (doc) => {
    const generation = doc.generation;
    if (generation === undefined) return;
    generation.lock = {
      request: scalar(lock.request),
      by: scalar(lock.by),
      at: lock.at,
      query: scalar(lock.query),
      cards: lock.cards.map(scalar),
      seen: int(generation.epoch),
      after: lock.after ? scalar(lock.after) : null,
      ...(lock.attach === undefined || lock.attach.length === 0
        ? {}
        : { attach: lock.attach.map(attachmentDoc) }),
      ...(lock.chat === undefined ? {} : { chat: scalar(lock.chat) }),
    };
  };
}

/** Requests that the server stops a running generation. The text received so far is kept. */
export function requestStop(request: string, { by, at }: Authorship): Command {
  return (doc) => {
    if (doc.generation === undefined) return;
    doc.generation.stop = { request: scalar(request), by: scalar(by), at };
  };
}
