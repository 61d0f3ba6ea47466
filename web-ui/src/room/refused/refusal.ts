/** The server rejected the last changes of this page, and would reject them again. */
export interface ChangeRefusal {
  readonly code: number;
  /** The rule's id as in docs/protocol.md, when the server named one. */
  readonly rule: string | null;
  /** The server's sentence, without the rule. */
  readonly sentence: string;
}

/** Codes in the band that are not about changes: identity, room, version or peer id. */
const OTHER_CODES: ReadonlySet<number> = new Set([4401, 4404, 4405, 4409]);
/** Rules that are not about changes, whatever their code: access and the handshake. */
const OTHER_RULES = /^(AC|HS)\d/;

/** A code from 4400 to 4499 means that the same attempt would end the same way. All other codes are transient. */
export const isFinal = (code: number): boolean => code >= 4400 && code <= 4499;

/** The rule and the sentence of the server's message before it closes: `[AD5] a spectator changes nothing`. */
export function ruleAndSentence(message: string): {
  readonly rule: string | null;
  readonly sentence: string;
} {
  const found = /^\[([A-Z]{2}\d{1,3})\]\s*(.*)$/s.exec(message.trim());
  return found === null
    ? { rule: null, sentence: message.trim() }
    : { rule: found[1] ?? null, sentence: (found[2] ?? "").trim() };
}

/** The refusal if the server closed because of this page's changes; null for every other close. */
export function changeRefusalOf(code: number, message: string): ChangeRefusal | null {
  if (!isFinal(code) || OTHER_CODES.has(code)) return null;
  const { rule, sentence } = ruleAndSentence(message);
  return rule !== null && OTHER_RULES.test(rule) ? null : { code, rule, sentence };
}

/** The text as one complete sentence for people. */
export function explainRefusal({ code, sentence }: ChangeRefusal): string {
  const reason = sentence === "" ? `the server gave no reason (${code})` : sentence;
  return `The room did not take your last changes: ${reason.replace(/[.\s]+$/, "")}.`;
}
