import type { ImmutableString } from "@automerge/automerge/slim";

/**
 * The room document as stored in Automerge. Every string may be collaborative text (`string`) or a scalar
 * (`ImmutableString`), and every field may be missing. Read it with `read.ts`, which accepts any document.
 */
export type Str = string | ImmutableString;
export type Raw<T> = Partial<T> | undefined;

export type Role = "host" | "player" | "spectator";
export type CardType =
  | "role"
  | "tone"
  | "token-limit"
  | "format"
  | "constraint"
  | "custom"
  | "image"
  | "remove";
export type WindowType = "note" | "stack" | "output" | "chat" | "people" | "app" | "pattern";
export type WindowState = "open" | "minimized" | "closed";
/** The speaker of a chat entry. A `program` is a program of the person in `by`; only the server writes such entries. */
export type ChatKind = "say" | "model" | "system" | "program";
export type ResultStatus = "running" | "done" | "stopped" | "error" | "refused" | "interrupted";

export const CARD_TYPES: readonly CardType[] = [
  "role",
  "tone",
  "token-limit",
  "format",
  "constraint",
  "custom",
  "image",
  "remove",
];
export const WINDOW_TYPES: readonly WindowType[] = [
  "note",
  "stack",
  "output",
  "chat",
  "people",
  "app",
  "pattern",
];

export interface CardDoc {
  type: Str;
  text: Str;
  image: Str | null;
  by: Str;
  at: number;
  order: Str;
  turn: number | null;
  muted: boolean;
  removedBy: Str | null;
}

export interface WindowDoc {
  type: Str;
  title: Str;
  pos: Str;
  size: Str;
  z: Str;
  state: Str;
  ref: Str | null;
  props: Record<string, unknown>;
  by: Str;
  at: number;
}

export interface ParticipantDoc {
  name: Str;
  avatar: Str | null;
  color: Str | null;
  role: Str;
  joinedAt: number;
}

export interface ChatDoc {
  id: Str;
  by: Str;
  at: number;
  kind: Str;
  text: Str;
  replyTo: Str | null;
  /** In an entry of kind `model`: the request that it answers. */
  request?: Str;
  /** The content id of an image that is shown with the message, and words that describe it. */
  image?: Str;
  alt?: Str;
}

/** Something that goes with a question. In a result, a note has its words as they were sent. */
export interface AttachmentDoc {
  kind: Str;
  /** The id of a note, or the content id of an image. */
  id?: Str;
  title?: Str;
  /** The words; for an image, words that describe it. */
  text?: Str;
  /** The place of a quoted text: `result:<request>`, `note:<id>`, `card:<id>` or `chat:<id>`. */
  from?: Str | null;
}

export interface LockDoc {
  request: Str;
  by: Str;
  at: number;
  query: Str;
  cards: Str[];
  /** The epoch in the author's document when the request was written. */
  seen: number;
  /** The earlier request whose conversation this request continues; null, missing or "" for a new conversation. */
  after?: Str | null;
  attach?: AttachmentDoc[];
  /** The id of the chat entry that asks with `@model`. */
  chat?: Str | null;
}

/** A waiting request; only the server writes it. */
export interface QueuedDoc {
  request: Str;
  by: Str;
  at: number;
  query: Str;
  cards: Str[];
  after: Str;
  state: Str;
  attach?: AttachmentDoc[];
  chat?: Str;
}

export interface GrantDoc {
  request: Str;
  epoch: number;
  at: number;
  leaseUntil: number;
}

/** A command for the queue, written by a person and carried out by the server. */
export interface CommandDoc {
  id: Str;
  do: Str;
  request?: Str;
  /** For `move`: the waiting request before which to place it; null or missing means at the end. */
  before?: Str | null;
  by: Str;
  at: number;
}

export interface GenerationDoc {
  epoch: number;
  lock: LockDoc | null;
  /** The oldest of the grants. */
  grant: GrantDoc | null;
  stop: { request: Str; by: Str; at: number } | null;
  command?: CommandDoc | null;
  grants?: Record<string, GrantDoc>;
  queue?: QueuedDoc[];
  paused?: { by: Str; at: number; until: number } | null;
}

export interface ResultDoc {
  by: Str;
  query: Str;
  prompt: Str;
  model: Str;
  cards: Str[];
  chunks: Str[];
  status: Str;
  reason: Str | null;
  usage: {
    promptTokens: number;
    completionTokens: number;
    estimated: boolean;
    call?: { endpoint: Str; model?: Str; costMicros?: number; thoughts?: Str; notes?: Str[] };
  } | null;
  epoch: number;
  startedAt: number;
  endedAt: number | null;
  ttftMs: number | null;
  totalMs: number | null;
  after?: Str;
  ending?: Str;
  tokensMax?: number;
  omitted?: number;
  attach?: AttachmentDoc[];
  chat?: Str;
}

export interface SettingsDoc {
  turnMode: Str;
  maxPlayers: number;
  status: Str;
  stackRule: Str;
  model: Str | null;
  systemPrompt: Str;
  /** Missing until a host has set it. */
  spectatorChat?: boolean;
  /** The number of answers that may be written at the same time, 1 to 3; missing means 1. */
  slots?: number;
  /** Optional parts of the room; each is missing until a host has switched it. */
  cursors?: boolean;
  carets?: boolean;
  typing?: boolean;
  patterns?: boolean;
}

/** The signs of votes and reactions. `up` on a card or an answer is a vote. */
export const SIGNS = ["up", "heart", "laugh", "party", "eyes", "done"] as const;
export type Sign = (typeof SIGNS)[number];

/** A comment; its key is an id and the author's identity. */
export interface CommentDoc {
  target: Str;
  thread: Str | null;
  quoted: Str;
  start: Str;
  end: Str;
  text: Str;
  at: number;
  resolved?: { by: Str; at: number } | null;
}

export interface RoomDoc {
  schema: number;
  title: Str;
  settings: SettingsDoc;
  participants: Record<string, ParticipantDoc>;
  cards: Record<string, CardDoc>;
  windows: Record<string, WindowDoc>;
  notes: Record<string, { text: Str }>;
  chat: ChatDoc[];
  generation: GenerationDoc;
  results: Record<string, ResultDoc>;
  /** Rooms of earlier versions lack these three until the server has opened them. */
  comments?: Record<string, CommentDoc>;
  reactions?: Record<string, number>;
  edits?: Record<string, { text: Str; at: number }>;
}

/** The limits of the server; those of texts are in UTF-16 units. The browser checks them before it sends. */
export const LIMITS = {
  name: 80,
  cardText: 4_000,
  chat: 8_000,
  query: 16_000,
  comment: 4_000,
  /** The selected text that a comment keeps. */
  commentQuote: 1_000,
  title: 200,
  systemPrompt: 16_000,
  seats: 500,
  slots: 3,
  /** Attachments of one question. */
  attachments: 8,
  /** Images of one question, with those of image cards. */
  images: 8,
  /** The words that describe an image. */
  alt: 500,
  /** The size of one image in bytes. */
  imageFile: 4 * 1024 * 1024,
  /** The characters of one quoted text, and of all attachments together. */
  quote: 16_000,
  attachedText: 100_000,
  /** The maximum size of an imported room file with its images, in bytes. */
  file: 32 * 1024 * 1024,
} as const;
