import { cached, isObject } from "./cache";
import { type ChatKind, LIMITS, type Raw, type RoomDoc } from "./document";
import { int, oneOf, str, strOrNull, truncated } from "./scalars";

export interface ChatEntry {
  readonly id: string;
  readonly by: string;
  readonly at: number;
  readonly kind: ChatKind;
  readonly text: string;
  /** The id of the message that this message replies to, or null. */
  readonly replyTo: string | null;
  /** In an entry of kind `model`: the request that it answers, else null. */
  readonly request?: string | null;
  /** The content id of an image that is shown with the message, and words that describe it. */
  readonly image?: string | null;
  readonly alt?: string | null;
  /** The time of the author's last edit. A deleted message has no text. */
  readonly editedAt?: number;
}

const chatEntry = cached<ChatEntry>((raw) => ({
  id: str(raw.id),
  by: str(raw.by),
  at: int(raw.at),
  kind: oneOf<ChatKind>(raw.kind, ["say", "model", "system", "program"], "say"),
  text: truncated(raw.text, LIMITS.chat),
  replyTo: strOrNull(raw.replyTo),
  request: strOrNull(raw.request),
  image: strOrNull(raw.image),
  alt: raw.alt === undefined || raw.alt === null ? null : truncated(raw.alt, LIMITS.alt),
}));

/** The views of edited entries by the edit. An edit changes only by a new object. */
const editedEntries = new WeakMap<object, ChatEntry>();

/** An entry with the later text of its author; the entry itself if its author has not edited it [CH1]. */
function edited(entry: ChatEntry, edits: Record<string, unknown>): ChatEntry {
  const edit = entry.kind === "say" ? edits[`${entry.id}|${entry.by}`] : undefined;
  if (!isObject(edit)) return entry;
  const text = truncated(edit.text, LIMITS.chat);
  const editedAt = int(edit.at);
  const known = editedEntries.get(edit);
  if (known?.text === text && known.editedAt === editedAt) return known;
  // An empty text deletes the message, and so its image too.
  const made = text === "" ? { ...entry, text, editedAt, image: null } : { ...entry, text, editedAt };
  editedEntries.set(edit, made);
  return made;
}

const chatList = cached<readonly ChatEntry[]>((raw) =>
  Array.isArray(raw) ? raw.filter(isObject).map(chatEntry) : [],
);

const editedLists = new WeakMap<object, { readonly edits: object; readonly list: readonly ChatEntry[] }>();

/** The messages in the order of the document, each with the later text of its author. */
export function readChat(doc: Raw<RoomDoc>): readonly ChatEntry[] {
  const list = chatList(doc?.chat);
  const edits: unknown = doc?.edits;
  if (!isObject(edits) || Object.keys(edits).length === 0) return list;
  const known = editedLists.get(list);
  if (known?.edits === edits) return known.list;
  const all = list.map((entry) => edited(entry, edits));
  editedLists.set(list, { edits, list: all });
  return all;
}
