/** A sentence about a card or another value that the prompt does not use as written. */
export type Problem = { readonly card: string | null; readonly message: string };

/** Reads the preview's problems. The server gives each the path of a field (`cards/<id>/text`) and a sentence. */
export function readProblems(raw: readonly unknown[]): Problem[] {
  const lines: Problem[] = [];
  for (const each of raw) {
    if (typeof each === "string") lines.push({ card: null, message: each });
    else if (typeof each === "object" && each !== null) {
      const { path, message } = each as Record<string, unknown>;
      const card = typeof path === "string" ? /^cards\/([^/]+)\//.exec(path)?.[1] : undefined;
      if (typeof message === "string") lines.push({ card: card ?? null, message });
    }
  }
  return lines;
}
