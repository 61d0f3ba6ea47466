import { roomTexts } from "../texts";

/** The server's message to all peers of a room that a text has become longer than its limit [RM5]. */
export interface Truncation {
  readonly path: readonly string[];
  readonly lengthMax: number;
  /** The authors of the changes that the server read when the text became too long. */
  readonly by: readonly string[];
}

export function truncationOf(message: unknown): Truncation | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, path, lengthMax, by } = message as Record<string, unknown>;
  if (type !== "text-cut" || typeof path !== "string" || !Array.isArray(by)) return null;
  const limit = Number(lengthMax);
  if (!Number.isSafeInteger(limit) || limit <= 0) return null;
  return { path: path.split("/"), lengthMax: limit, by: by.filter((each) => typeof each === "string") };
}

/** The notice that the author of the text sees. */
export function truncationNotice({ path, lengthMax }: Truncation): string {
  const [top, , field] = path;
  const limit = lengthMax.toLocaleString("en-GB");
  switch (top) {
    case "title":
      return roomTexts.titleMoreThanCharactersEverybody(limit);
    case "participants":
      return roomTexts.nameMoreThanCharactersEverybody(limit);
    case "cards":
      return roomTexts.cardMoreThanCharactersModel(limit);
    case "windows":
      return roomTexts.windowsMoreThanCharactersEverybody(field === "title" ? "title" : "field", limit);
    case "notes":
      return roomTexts.noteMoreThanCharactersExports(limit);
    case "chat":
      return roomTexts.messageMoreThanCharactersEverybody(limit);
    default:
      return roomTexts.textMoreThanCharactersRest(limit);
  }
}
