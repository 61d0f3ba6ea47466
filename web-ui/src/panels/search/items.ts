import type { RoomDoc, RoomWindow } from "../../room";
import { readCards, readChat, readComments, readNote, readResults } from "../../room/schema/read";
import type { SearchItem } from "./find";

/** All texts of the room that can be found, newest first within each kind. */
export function itemsOf(doc: RoomDoc, windows: readonly RoomWindow[]): readonly SearchItem[] {
  const results = readResults(doc).filter(({ status }) => status !== "refused");
  const newest = <T>(all: readonly T[]): T[] => [...all].reverse();
  return [
    ...newest(results).flatMap(({ request, by, startedAt, endedAt, query, text }): SearchItem[] => [
      { group: "questions", target: `result:${request}`, by, at: startedAt, text: query },
      { group: "answers", target: `result:${request}`, by, at: endedAt ?? startedAt, text },
    ]),
    ...newest(readChat(doc)).map(
      ({ id, by, at, text }): SearchItem => ({ group: "chat", target: `chat:${id}`, by, at, text }),
    ),
    ...newest(windows.filter(({ type, ref }) => type === "note" && ref !== null)).map(
      ({ ref, at, title }): SearchItem => ({
        group: "notes",
        target: `note:${ref}`,
        by: "",
        at,
        text: readNote(doc, ref ?? ""),
        detail: title,
      }),
    ),
    ...newest(readCards(doc).filter(({ removedBy }) => removedBy === null)).map(
      ({ id, by, at, text }): SearchItem => ({ group: "cards", target: `card:${id}`, by, at, text }),
    ),
    ...newest(readComments(doc).filter(({ text }) => text !== "")).map(
      ({ key, thread, target, by, at, text }): SearchItem => ({
        group: "comments",
        target,
        by,
        at,
        text,
        detail: thread ?? key,
      }),
    ),
  ];
}
