/** The server took none of what this page sent last, and would not the next time either. */
export interface ChangesRefused {
  readonly code: number;
  /** The rule's id as in docs/protocol.md, when the server named one. */
  readonly rule: string | null;
  /** What the server said, without its rule. */
  readonly sentence: string;
}

/** Codes in the band that are not about what was written: who one is, which room, which version, which peer id. */
const NOT_CHANGES: ReadonlySet<number> = new Set([4401, 4404, 4405, 4409]);
/** Rules that are not about what was written, whatever their code: access and the handshake. */
const NOT_CHANGES_RULE = /^(AC|HS)\d/;

/** Codes from 4400 to 4499 say: the same again would end the same way. Everything else is transient. */
export const isFinal = (code: number): boolean => code >= 4400 && code <= 4499;

/** The rule and the sentence of what the server says before it closes: `[AD5] a spectator changes nothing`. */
export function ruleAndSentence(said: string): { readonly rule: string | null; readonly sentence: string } {
  const found = /^\[([A-Z]{2}\d{1,3})\]\s*(.*)$/s.exec(said.trim());
  return found === null
    ? { rule: null, sentence: said.trim() }
    : { rule: found[1] ?? null, sentence: (found[2] ?? "").trim() };
}

/** What was refused when the server closed because of what this page wrote; null for every other closing. */
export function changesRefused(code: number, said: string): ChangesRefused | null {
  if (!isFinal(code) || NOT_CHANGES.has(code)) return null;
  const { rule, sentence } = ruleAndSentence(said);
  return rule !== null && NOT_CHANGES_RULE.test(rule) ? null : { code, rule, sentence };
}

/** For people: one sentence that ends like one. */
export function explain({ code, sentence }: ChangesRefused): string {
  const because = sentence === "" ? `the server gave no reason (${code})` : sentence;
  return `The room did not take your last changes: ${because.replace(/[.\s]+$/, "")}.`;
}
