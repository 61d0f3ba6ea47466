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
      return roomTexts.twoWroteRoomTitle;
    case "settings":
      return roomTexts.twoWroteSystemPrompt;
    case "cards":
      return roomTexts.twoWroteCard;
    case "notes":
      return title ? roomTexts.twoWroteNoteTitled(title) : roomTexts.twoWroteNote;
    default:
      return roomTexts.twoWroteText;
  }
}
