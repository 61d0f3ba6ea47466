import { cached, cachedEntries, isObject } from "./cache";
import {
  CARD_TYPES,
  type CardType,
  LIMITS,
  type Raw,
  type ResultStatus,
  type Role,
  type RoomDoc,
  WINDOW_TYPES,
  type WindowState,
  type WindowType,
} from "./document";
import { type Part, readParts } from "./parts";
import { int, intOrNull, oneOf, pair, str, strOrNull, truncated } from "./scalars";

export { type ChatEntry, readChat } from "./chat";
export { type Comment, type Reaction, readComments, readReactions, type Sign } from "./discussion";

/*
 * Typed views of the document. Every function accepts any document: malformed or missing fields become defaults.
 * Automerge keeps the JavaScript object of every part that a change did not touch, so views are cached by that object.
 * An unchanged part gives the same view object again, and a component that selects it does not render.
 */

export interface Card {
  readonly id: string;
  readonly type: CardType;
  readonly text: string;
  readonly image: string | null;
  readonly by: string;
  readonly at: number;
  /** The order key in the stack. */
  readonly order: string;
  /** The number of the turn for which the card was played, or null. */
  readonly turn: number | null;
  readonly muted: boolean;
  /** The identity that removed the card, or null. */
  readonly removedBy: string | null;
}

export interface RoomWindow {
  readonly id: string;
  readonly type: WindowType;
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The order key from back to front. */
  readonly z: string;
  readonly state: WindowState;
  /** The id of the note that a note window shows, else null. */
  readonly ref: string | null;
  /** The parameters of the content, such as the seed of a pattern. */
  readonly props: Readonly<Record<string, unknown>>;
  readonly by: string;
  readonly at: number;
}

export interface Participant {
  readonly id: string;
  readonly name: string;
  readonly avatar: string | null;
  readonly color: string | null;
  readonly role: Role;
  readonly joinedAt: number;
  /** The host who removed this person, or null. */
  readonly removedBy?: string | null;
}

/** Something that goes with a question. In a result, a note has its words as they were sent. */
export type Attachment =
  | { readonly kind: "note"; readonly id: string; readonly title: string; readonly text: string }
  | { readonly kind: "text"; readonly text: string; readonly from: string | null }
  | { readonly kind: "image"; readonly id: string /** Words that describe it. */; readonly text: string };

/** A person's request for an answer. */
export interface Lock {
  readonly request: string;
  readonly by: string;
  readonly at: number;
  readonly query: string;
  readonly cards: readonly string[];
  /** The epoch in the author's document when the request was written. */
  readonly seen: number;
  /** The earlier request whose conversation this request continues; absent for a new conversation. */
  readonly after?: string | undefined;
  readonly attach?: readonly Attachment[] | undefined;
  /** The id of the chat entry that asks with `@model`. */
  readonly chat?: string | undefined;
}

/** A request that waits for its turn. An `old` request waits until its author confirms it. */
export interface Queued {
  readonly request: string;
  readonly by: string;
  readonly at: number;
  readonly query: string;
  readonly cards: readonly string[];
  /** The earlier request that this request follows; empty for a new conversation. */
  readonly after: string;
  readonly state: "waiting" | "old";
  readonly attach: readonly Attachment[];
  readonly chat: string | null;
}

export interface Grant {
  readonly request: string;
  readonly epoch: number;
  readonly at: number;
  readonly leaseUntil: number;
}

/** A person stopped a run while other requests waited: none of them starts before this time. */
export interface Paused {
  readonly by: string;
  readonly at: number;
  readonly until: number;
}

/**
 * The state of the generation of answers. People write `lock`, `stop` and `command`; only the server writes the other
 * fields.
 */
export interface Generation {
  /** Counts the grants. */
  readonly epoch: number;
  readonly lock: Lock | null;
  /** The oldest of the grants. */
  readonly grant: Grant | null;
  readonly stop: { request: string; by: string; at: number } | null;
  /** All requests that run, oldest first. */
  readonly grants?: readonly Grant[];
  /** The waiting requests in the order of their runs, with the old requests among them. */
  readonly queue?: readonly Queued[];
  readonly paused?: Paused | null;
}

/** The call of a model that gave a result. */
export interface CallInfo {
  readonly endpoint: string;
  /** The model that answered, if it is not the model of the result. */
  readonly model: string | null;
  /** The cost in millionths of a US dollar, if the model has a price. */
  readonly costMicros: number | null;
  /** The model's thoughts, to show folded. */
  readonly thoughts: string | null;
  /** Sentences for people, for example that another endpoint was asked first. */
  readonly notes: readonly string[];
}

/** A request with its answer, written by the server. */
export interface Result {
  readonly request: string;
  readonly by: string;
  readonly query: string;
  readonly prompt: string;
  readonly model: string;
  readonly cards: readonly string[];
  readonly text: string;
  readonly status: ResultStatus;
  readonly reason: string | null;
  readonly usage: {
    promptTokens: number;
    completionTokens: number;
    estimated: boolean;
    /** The call of the model; null in results of the rehearsal model and of earlier versions. */
    call?: CallInfo | null;
  } | null;
  readonly epoch: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** The time to the first token of the answer. */
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  /** The earlier request whose conversation this continues; empty for a new one, null in results without this field. */
  readonly after?: string | null;
  /** The reason for the end, as a code of the server; null while it runs and in results without this field. */
  readonly ending?: string | null;
  /** The token limit that was sent to the model, or null. */
  readonly tokensMax?: number | null;
  /** The number of earlier pairs of question and answer that did not fit. */
  readonly omitted?: number;
  readonly attach?: readonly Attachment[];
  /** The id of the chat entry that asked, or null. */
  readonly chat?: string | null;
}

export interface Settings {
  readonly turnMode: "free" | "turns";
  readonly maxPlayers: number;
  readonly status: "waiting" | "active" | "completed";
  readonly stackRule: "latest" | "combine";
  readonly model: string | null;
  readonly systemPrompt: string;
  /** Whether spectators may write in the chat. */
  readonly spectatorChat: boolean;
  /** The number of answers that may be written at the same time. */
  readonly slots?: number;
  /** The optional parts that are on for all people. */
  readonly parts: Readonly<Record<Part, boolean>>;
}

type Doc = Raw<RoomDoc>;

/** Compares by key, and equal keys by id, in code-unit order: the same on every peer and in Java. */
export function byKeyThenId(a: string, b: string, idA: string, idB: string): number {
  if (a !== b) return a < b ? -1 : 1;
  return idA < idB ? -1 : idA > idB ? 1 : 0;
}

const cardEntries = cachedEntries<Card>((id, raw) => ({
  id,
  type: oneOf(raw.type, CARD_TYPES, "custom"),
  text: truncated(raw.text, LIMITS.cardText),
  image: strOrNull(raw.image),
  by: str(raw.by),
  at: int(raw.at),
  order: str(raw.order),
  turn: intOrNull(raw.turn),
  muted: raw.muted === true,
  removedBy: strOrNull(raw.removedBy),
}));

const cardList = cached<readonly Card[]>((raw) =>
  cardEntries(raw).sort((a, b) => byKeyThenId(a.order, b.order, a.id, b.id)),
);

const windowEntries = cachedEntries<RoomWindow>((id, raw) => {
  const [x, y] = pair(raw.pos, ",", [40, 40]);
  const [width, height] = pair(raw.size, "x", [320, 240]);
  return {
    id,
    type: oneOf(raw.type, WINDOW_TYPES, "note"),
    title: truncated(raw.title, LIMITS.title),
    x,
    y,
    width,
    height,
    z: str(raw.z),
    state: oneOf<WindowState>(raw.state, ["open", "minimized", "closed"], "open"),
    ref: strOrNull(raw.ref),
    props: isObject(raw.props) ? raw.props : {},
    by: str(raw.by),
    at: int(raw.at),
  };
});

const windowList = cached<readonly RoomWindow[]>((raw) =>
  windowEntries(raw).sort((a, b) => byKeyThenId(a.z, b.z, a.id, b.id)),
);

const participantEntries = cachedEntries<Participant>((id, raw) => ({
  id,
  name: truncated(raw.name, LIMITS.name) || "Guest",
  avatar: strOrNull(raw.avatar),
  color: strOrNull(raw.color),
  role: oneOf<Role>(raw.role, ["host", "player", "spectator"], "spectator"),
  joinedAt: int(raw.joinedAt),
  removedBy: strOrNull(raw.removedBy),
}));

const participantList = cached<readonly Participant[]>((raw) =>
  participantEntries(raw).sort((a, b) => a.joinedAt - b.joinedAt || byKeyThenId("", "", a.id, b.id)),
);

function strings(raw: unknown): string[] {
  return Array.isArray(raw) ? raw.map((item) => str(item)) : [];
}

const attachment = cached<Attachment>((raw) => {
  switch (str(raw.kind)) {
    case "note":
      return { kind: "note", id: str(raw.id), title: str(raw.title), text: str(raw.text) };
    case "image":
      return { kind: "image", id: str(raw.id), text: str(raw.text) };
    default:
      return { kind: "text", text: str(raw.text), from: strOrNull(raw.from) };
  }
});

const attachments = (raw: unknown): readonly Attachment[] =>
  Array.isArray(raw) ? raw.filter(isObject).map(attachment) : [];

const grantView = cached<Grant>((raw) => ({
  request: str(raw.request),
  epoch: int(raw.epoch),
  at: int(raw.at),
  leaseUntil: int(raw.leaseUntil),
}));

const queuedView = cached<Queued>((raw) => ({
  request: str(raw.request),
  by: str(raw.by),
  at: int(raw.at),
  query: str(raw.query),
  cards: strings(raw.cards),
  after: str(raw.after),
  state: oneOf(raw.state, ["waiting", "old"] as const, "waiting"),
  attach: attachments(raw.attach),
  chat: strOrNull(raw.chat),
}));

/** The grants in the order of their epochs. A room of an earlier server has only the one `grant`. */
function grantList(grants: unknown, grant: unknown): readonly Grant[] {
  const all = isObject(grants) ? Object.values(grants).filter(isObject).map(grantView) : [];
  if (all.length === 0) return isObject(grant) ? [grantView(grant)] : [];
  return all.sort((a, b) => a.epoch - b.epoch);
}

const generationView = cached<Generation>((raw) => {
  const { lock, grant, grants, stop, queue, paused } = raw;
  return {
    epoch: int(raw.epoch),
    lock: isObject(lock)
      ? {
          request: str(lock.request),
          by: str(lock.by),
          at: int(lock.at),
          query: str(lock.query),
          cards: strings(lock.cards),
          seen: int(lock.seen),
          after: str(lock.after) || undefined,
          attach: Array.isArray(lock.attach) ? attachments(lock.attach) : undefined,
          chat: str(lock.chat) || undefined,
        }
      : null,
    grant: isObject(grant) ? grantView(grant) : null,
    grants: grantList(grants, grant),
    queue: Array.isArray(queue) ? queue.filter(isObject).map(queuedView) : [],
    paused: isObject(paused) ? { by: str(paused.by), at: int(paused.at), until: int(paused.until) } : null,
    stop: isObject(stop) ? { request: str(stop.request), by: str(stop.by), at: int(stop.at) } : null,
  };
});

function callInfo(raw: unknown): CallInfo | null {
  if (!isObject(raw)) return null;
  return {
    endpoint: str(raw.endpoint),
    model: strOrNull(raw.model),
    costMicros: intOrNull(raw.costMicros),
    thoughts: strOrNull(raw.thoughts),
    notes: strings(raw.notes),
  };
}

const resultEntries = cachedEntries<Result>((request, raw) => {
  const { usage } = raw;
  return {
    request,
    by: str(raw.by),
    query: str(raw.query),
    prompt: str(raw.prompt),
    model: str(raw.model),
    cards: strings(raw.cards),
    text: strings(raw.chunks).join(""),
    status: oneOf<ResultStatus>(
      raw.status,
      ["running", "done", "stopped", "error", "refused", "interrupted"],
      "interrupted",
    ),
    reason: strOrNull(raw.reason),
    usage: isObject(usage)
      ? {
          promptTokens: int(usage.promptTokens),
          completionTokens: int(usage.completionTokens),
          estimated: usage.estimated === true,
          call: callInfo(usage.call),
        }
      : null,
    epoch: int(raw.epoch),
    startedAt: int(raw.startedAt),
    endedAt: intOrNull(raw.endedAt),
    ttftMs: intOrNull(raw.ttftMs),
    totalMs: intOrNull(raw.totalMs),
    after: strOrNull(raw.after),
    ending: strOrNull(raw.ending),
    tokensMax: intOrNull(raw.tokensMax),
    omitted: int(raw.omitted),
    attach: attachments(raw.attach),
    chat: strOrNull(raw.chat),
  };
});

const resultList = cached<readonly Result[]>((raw) =>
  resultEntries(raw).sort((a, b) => a.startedAt - b.startedAt || byKeyThenId("", "", a.request, b.request)),
);

const settingsView = cached<Settings>((raw) => ({
  turnMode: oneOf(raw.turnMode, ["free", "turns"] as const, "free"),
  maxPlayers: int(raw.maxPlayers, 10),
  status: oneOf(raw.status, ["waiting", "active", "completed"] as const, "active"),
  stackRule: oneOf(raw.stackRule, ["latest", "combine"] as const, "latest"),
  model: strOrNull(raw.model),
  systemPrompt: str(raw.systemPrompt),
  spectatorChat: raw.spectatorChat === true,
  slots: Math.min(LIMITS.slots, Math.max(1, int(raw.slots, 1))),
  parts: readParts(raw),
}));

export const readTitle = (doc: Doc): string => truncated(doc?.title, LIMITS.title);
/** All cards in stack order, including removed cards. */
export const readCards = (doc: Doc): readonly Card[] => cardList(doc?.cards);
/** All windows from back to front, including closed windows. */
export const readWindows = (doc: Doc): readonly RoomWindow[] => windowList(doc?.windows);
/** All participants in order of joining, which is also the order of turns. */
export const readParticipants = (doc: Doc): readonly Participant[] => participantList(doc?.participants);
export const readGeneration = (doc: Doc): Generation => generationView(doc?.generation);
/** Oldest first, including refused requests. */
export const readResults = (doc: Doc): readonly Result[] => resultList(doc?.results);
export const readSettings = (doc: Doc): Settings => settingsView(doc?.settings);
export const readNote = (doc: Doc, id: string): string => str(doc?.notes?.[id]?.text);
export const hasNote = (doc: Doc, id: string): boolean => isObject(doc?.notes?.[id]);
