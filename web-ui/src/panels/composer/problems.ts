/** One line about something the fold did not use as written. */
export type Problem = { readonly card: string | null; readonly message: string };

/** Problems come from the server as text or as records; both read as a line. Anything else is left out. */
export function readProblems(raw: readonly unknown[]): Problem[] {
  const lines: Problem[] = [];
  for (const each of raw) {
    if (typeof each === "string") lines.push({ card: null, message: each });
    else if (typeof each === "object" && each !== null) {
      const { card, cardId, message, detail, reason } = each as Record<string, unknown>;
      const words = [message, detail, reason].find((value) => typeof value === "string");
      const about = [card, cardId].find((value) => typeof value === "string");
      if (words !== undefined)
        lines.push({ card: (about as string | undefined) ?? null, message: words as string });
    }
  }
  return lines;
}
