/** One line about a value that the prompt did not use as written. */
export type Problem = { readonly card: string | null; readonly message: string };

/** The server names a problem by the path of the field (`cards/<id>/text`), with a sentence about it. */
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
