import * as A from "@automerge/automerge/slim";
import { refusedTexts } from "../../texts";
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
      return refusedTexts.changedTheTitleTo(quoted(plainText(after.title)));
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
      return refusedTexts.changedTheParticipant(person?.name ?? id);
    }
    case "generation":
      if (id === "lock") return refusedTexts.askedAnswer(quoted(plainText(after.generation?.lock?.query)));
      return id === "stop" ? refusedTexts.askedStopAnswer : refusedTexts.wroteIntoGeneration(id);
    default:
      return refusedTexts.wroteInto(entry.path.join("/"));
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
  if (current === undefined || isDeleted(entry)) return refusedTexts.deletedTheCard(quoted(old?.text ?? id));
  if (old === undefined) return refusedTexts.playedACard(quoted(current.text));
  const changedFields = changedFieldsOf(entry);
  const actions: string[] = [];
  if (changedFields.has("text")) actions.push(refusedTexts.wrote(quoted(current.text)));
  if (changedFields.has("removedBy"))
    actions.push(current.removedBy === null ? refusedTexts.restoredIt : refusedTexts.removedStack);
  if (changedFields.has("muted")) actions.push(current.muted ? refusedTexts.mutedIt : refusedTexts.unmutedIt);
  if (changedFields.has("order")) actions.push(refusedTexts.movedIt);
  return refusedTexts.onTheCard(
    quoted(old.text),
    actions.join(", ") || refusedTexts.changed([...changedFields].join(", ")),
  );
}

const STATE_VERBS = {
  open: refusedTexts.opened,
  minimized: refusedTexts.minimised,
  closed: refusedTexts.closed,
} as const;

function describeWindow(entry: EntryPatches, id: string, before: Doc, after: Doc): string {
  const old = readWindows(before).find((each) => each.id === id);
  const current = readWindows(after).find((each) => each.id === id);
  if (current === undefined || isDeleted(entry))
    return refusedTexts.deletedTheWindow(quoted(old?.title || id));
  const name = quoted(current.title || current.type);
  if (old === undefined) return refusedTexts.openedAWindow(name);
  const changedFields = changedFieldsOf(entry);
  if (changedFields.has("state")) return refusedTexts.theWindow(STATE_VERBS[current.state], name);
  if (changedFields.has("title")) return refusedTexts.namedAWindow(name);
  if (changedFields.has("pos") || changedFields.has("size")) return refusedTexts.placedTheWindow(name);
  return changedFields.has("z") ? refusedTexts.broughtWindowFront(name) : refusedTexts.changedTheWindow(name);
}

function describeNote(entry: EntryPatches, id: string, after: Doc): string {
  const title = readWindows(after).find((each) => each.ref === id)?.title;
  const name = title === undefined || title === "" ? refusedTexts.aNote : refusedTexts.theNote(quoted(title));
  const insertedTexts = entry.patches
    .map((patch) => (patch.action === "splice" ? patch.value : ""))
    .filter((text) => text.trim() !== "");
  return insertedTexts.length > 0
    ? refusedTexts.wroteIn(name, quoted(insertedTexts.join(" … ")))
    : refusedTexts.removedTextFrom(name);
}

function describeMessage(entry: EntryPatches, index: number, after: Doc): string {
  const inserted = entry.patches.find((patch) => patch.action === "insert");
  const text = plainText(after.chat?.[index]?.text);
  if (inserted === undefined) return refusedTexts.changedAChatMessage;
  return refusedTexts.saidInTheChat(quoted(text));
}

const SETTINGS: Readonly<Record<string, string>> = {
  turnMode: refusedTexts.theTurnMode,
  maxPlayers: refusedTexts.theNumberOfSeats,
  status: refusedTexts.theRoomsStatus,
  stackRule: refusedTexts.ruleRolesTones,
  model: refusedTexts.theModel,
  systemPrompt: refusedTexts.wordsBeforeEveryPrompt,
};

function describeSetting(key: string, after: Doc): string {
  const value = plain((after.settings as unknown as Record<string, unknown> | undefined)?.[key]);
  return refusedTexts.setTo(SETTINGS[key] ?? key, value === null ? "nothing" : quoted(String(value)));
}
