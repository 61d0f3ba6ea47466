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
      return `The title has more than ${limit} characters. Everybody sees it cut there.`;
    case "participants":
      return `Your name has more than ${limit} characters. Everybody sees it cut there.`;
    case "cards":
      return `A card has more than ${limit} characters. The model and the others see it cut there.`;
    case "windows":
      return `A window's ${field === "title" ? "title" : "field"} has more than ${limit} characters. Everybody sees it cut there.`;
    case "notes":
      return `A note has more than ${limit} characters. Exports and the model get no more than that.`;
    case "chat":
      return `A message has more than ${limit} characters. Everybody sees it cut there.`;
    default:
      return `A text has more than ${limit} characters. The rest of it does not count.`;
  }
}
