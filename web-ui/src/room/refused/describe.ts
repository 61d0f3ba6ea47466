import * as A from "@automerge/automerge/slim";
import { plain } from "../commands/command";
import type { RoomDoc } from "../schema/document";
import { readCards, readParticipants, readWindows } from "../schema/read";
import { shortened } from "../schema/scalars";

/** One refused effect in words, with the path of the changed object in the document. */
export interface RefusedItem {
  readonly what: string;
  readonly path: string;
}

type Doc = A.Doc<RoomDoc>;

/** All patches of one entry of the document (a card, a note, a setting), in their order. */
interface EntryPatches {
  readonly path: readonly string[];
  readonly patches: A.Patch[];
}

const QUOTE_MAX = 80;

function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return `“${shortened(line, QUOTE_MAX)}”`;
}

/**
 * Describes the difference between the state at the heads `shared` and the current state of `doc`, with one sentence
 * for each changed entry.
 */
export function describeChanges(doc: Doc, shared: A.Heads): readonly RefusedItem[] {
  const before = A.view(doc, shared);
  return entriesOf(A.diff(doc, shared, A.getHeads(doc))).map((entry) => ({
    what: describeEntry(entry, before, doc),
    path: entry.path.join("/"),
  }));
}

/** The number of path parts that identify an entry: one for `title`, two for `settings/model` and `cards/<id>`. */
const entryDepth = (top: string): number => (top === "title" || top === "schema" ? 1 : 2);

function entriesOf(patches: readonly A.Patch[]): readonly EntryPatches[] {
  const entries = new Map<string, EntryPatches>();
  for (const patch of patches) {
    const path = patch.path.map(String);
    const place = path.slice(0, entryDepth(path[0] ?? ""));
    const key = place.join("/");
    const entry = entries.get(key) ?? { path: place, patches: [] };
    entry.patches.push(patch);
    entries.set(key, entry);
  }
  return [...entries.values()];
}

function describeEntry(entry: EntryPatches, before: Doc, after: Doc): string {
  const [top = "", id = ""] = entry.path;
  switch (top) {
    case "title":
      return `Changed the title to ${quoted(plainText(after.title))}`;
    case "cards":
      return describeCard(entry, id, before, after);
    case "windows":
      return describeWindow(entry, id, before, after);
    case "notes":
      return describeNote(entry, id, after);
    case "chat":
      return describeMessage(entry, Number(id), after);
    case "settings":
      return describeSetting(id, after);
    case "participants": {
      const person = readParticipants(after).find((each) => each.id === id);
      return `Changed the participant ${person?.name ?? id}`;
    }
    case "generation":
      if (id === "lock") return `Asked for an answer to ${quoted(plainText(after.generation?.lock?.query))}`;
      return id === "stop" ? "Asked to stop the answer" : `Wrote into generation/${id}`;
    default:
      return `Wrote into ${entry.path.join("/")}`;
  }
}

const plainText = (value: unknown): string => String(plain(value) ?? "");

/** The field of an entry that a patch changes, or null for the entry itself. */
const fieldOf = (patch: A.Patch): string | null => (patch.path.length > 2 ? String(patch.path[2]) : null);
const changedFieldsOf = (entry: EntryPatches): ReadonlySet<string | null> =>
  new Set(entry.patches.map(fieldOf));
const isDeleted = (entry: EntryPatches): boolean =>
  entry.patches.some((patch) => patch.action === "del" && fieldOf(patch) === null);

function describeCard(entry: EntryPatches, id: string, before: Doc, after: Doc): string {
  const old = readCards(before).find((each) => each.id === id);
  const current = readCards(after).find((each) => each.id === id);
  if (current === undefined || isDeleted(entry)) return `Deleted the card ${quoted(old?.text ?? id)}`;
  if (old === undefined) return `Played a card: ${quoted(current.text)}`;
  const changedFields = changedFieldsOf(entry);
  const actions: string[] = [];
  if (changedFields.has("text")) actions.push(`wrote ${quoted(current.text)}`);
  if (changedFields.has("removedBy"))
    actions.push(current.removedBy === null ? "restored it" : "removed it from the stack");
  if (changedFields.has("muted")) actions.push(current.muted ? "muted it" : "unmuted it");
  if (changedFields.has("order")) actions.push("moved it");
  return `On the card ${quoted(old.text)}: ${actions.join(", ") || `changed ${[...changedFields].join(", ")}`}`;
}

const STATE_VERBS = { open: "Opened", minimized: "Minimised", closed: "Closed" } as const;

function describeWindow(entry: EntryPatches, id: string, before: Doc, after: Doc): string {
  const old = readWindows(before).find((each) => each.id === id);
  const current = readWindows(after).find((each) => each.id === id);
  if (current === undefined || isDeleted(entry)) return `Deleted the window ${quoted(old?.title || id)}`;
  const name = quoted(current.title || current.type);
  if (old === undefined) return `Opened a window: ${name}`;
  const changedFields = changedFieldsOf(entry);
  if (changedFields.has("state")) return `${STATE_VERBS[current.state]} the window ${name}`;
  if (changedFields.has("title")) return `Named a window ${name}`;
  if (changedFields.has("pos") || changedFields.has("size")) return `Placed the window ${name}`;
  return changedFields.has("z") ? `Brought the window ${name} to the front` : `Changed the window ${name}`;
}

function describeNote(entry: EntryPatches, id: string, after: Doc): string {
  const title = readWindows(after).find((each) => each.ref === id)?.title;
  const name = title === undefined || title === "" ? "a note" : `the note ${quoted(title)}`;
  const insertedTexts = entry.patches
    .map((patch) => (patch.action === "splice" ? patch.value : ""))
    .filter((text) => text.trim() !== "");
  return insertedTexts.length > 0
    ? `Wrote in ${name}: ${quoted(insertedTexts.join(" … "))}`
    : `Removed text from ${name}`;
}

function describeMessage(entry: EntryPatches, index: number, after: Doc): string {
  const inserted = entry.patches.find((patch) => patch.action === "insert");
  const text = plainText(after.chat?.[index]?.text);
  if (inserted === undefined) return "Changed a chat message";
  return `Said in the chat: ${quoted(text)}`;
}

const SETTINGS: Readonly<Record<string, string>> = {
  turnMode: "the turn mode",
  maxPlayers: "the number of seats",
  status: "the room's status",
  stackRule: "the rule for roles and tones",
  model: "the model",
  systemPrompt: "the words before every prompt",
};

function describeSetting(key: string, after: Doc): string {
  const value = plain((after.settings as unknown as Record<string, unknown> | undefined)?.[key]);
  return `Set ${SETTINGS[key] ?? key} to ${value === null ? "nothing" : quoted(String(value))}`;
}
