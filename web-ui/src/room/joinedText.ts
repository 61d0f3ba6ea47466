import type { RoomDoc } from "./schema/document";
import { readWindows } from "./schema/read";

/** The path of a text that the server has merged a hidden text into [RM10]; null for other messages. */
export function joinedTextOf(message: unknown): readonly string[] | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, path } = message as Record<string, unknown>;
  return type === "texts-joined" && typeof path === "string" ? path.split("/") : null;
}

/** The notice for all people in the room: it explains the new content of the text. */
export function joinedInWords(path: readonly string[], doc: RoomDoc | undefined): string {
  const [top, id] = path;
  const title = readWindows(doc).find((window) => window.type === "note" && window.ref === id)?.title;
  switch (top) {
    case "title":
      return "Two people wrote the room title at the same time. Both versions are kept.";
    case "settings":
      return "Two people wrote the text before every prompt at the same time. Both versions are kept.";
    case "cards":
      return "Two people wrote a card at the same time. Both versions are on it.";
    case "notes":
      return title
        ? `Two people wrote the note “${title}” at the same time. Both texts are in it.`
        : "Two people wrote a note at the same time. Both texts are in it.";
    default:
      return "Two people wrote a text at the same time. Both versions are kept.";
  }
}
