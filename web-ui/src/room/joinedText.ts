import { roomTexts } from "../texts";
import type { RoomDoc } from "./schema/document";
import { readWindows } from "./schema/read";

/**
 * The path in a `texts-joined` message, or null for other messages. The server sends it when two people created a text
 * at the same time and the server has merged the hidden version into the visible version [RM10].
 */
export function joinedTextOf(message: unknown): readonly string[] | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, path } = message as Record<string, unknown>;
  return type === "texts-joined" && typeof path === "string" ? path.split("/") : null;
}

/** The notice for everyone in the room: it explains why the text has changed. */
export function joinedTextNotice(path: readonly string[], doc: RoomDoc | undefined): string {
  const [field, id] = path;
  const title = readWindows(doc).find((window) => window.type === "note" && window.ref === id)?.title;
  switch (field) {
    case "title":
      return roomTexts.twoPeopleWroteRoomTitle;
    case "settings":
      return roomTexts.twoPeopleWroteWordsBefore;
    case "cards":
      return roomTexts.twoPeopleWroteCardSame;
    case "notes":
      return title ? roomTexts.twoPeopleWroteNoteSame(title) : roomTexts.twoPeopleWroteNoteSame2;
    default:
      return roomTexts.twoPeopleWroteTextSame;
  }
}
