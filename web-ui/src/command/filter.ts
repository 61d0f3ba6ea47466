import type { PageCommand } from "./registry";

/** How well a text matches the typed letters; higher is better, null for no match. */
export function scoreOf(text: string, typed: string): number | null {
  const letters = [...typed.toLowerCase()].filter((letter) => letter !== " ");
  const candidate = text.toLowerCase();
  let score = 0;
  let at = 0;
  let last = -1;
  for (const letter of letters) {
    const found = candidate.indexOf(letter, at);
    if (found < 0) return null;
    const startsWord = found === 0 || /[\s·:/-]/.test(candidate[found - 1] ?? "");
    score += found === last + 1 ? 8 : startsWord ? 6 : 1;
    last = found;
    at = found + 1;
  }
  // Of equal matches, the shorter text is meant.
  return score - candidate.length / 100;
}

/** The commands that match, best first. Without typed letters: all, in their own order. */
export function filterCommands(commands: readonly PageCommand[], typed: string): readonly PageCommand[] {
  if (typed.trim() === "") return commands;
  return commands
    .map((command) => {
      const byName = scoreOf(command.name, typed);
      const byWords = command.words === undefined ? null : scoreOf(command.words, typed);
      const score = Math.max(byName ?? -1, byWords === null ? -1 : byWords - 4);
      return { command, score: byName === null && byWords === null ? null : score };
    })
    .filter((each): each is { command: PageCommand; score: number } => each.score !== null)
    .sort((a, b) => b.score - a.score)
    .map(({ command }) => command);
}
