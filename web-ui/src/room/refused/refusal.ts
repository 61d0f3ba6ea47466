import { refusedTexts } from "../../texts";

/** The server refused the last changes of this page, and would refuse them again. */
export interface ChangeRefusal {
  readonly code: number;
  /** The id of the rule in docs/protocol.md, or null if the server named none. */
  readonly rule: string | null;
  /** The server's message without the rule. */
  readonly sentence: string;
}

/** Final codes that are not about changes but about identity, room, version or peer id. */
const OTHER_CODES: ReadonlySet<number> = new Set([4401, 4404, 4405, 4409]);
/** Rules that are not about changes but about access or the handshake. */
const OTHER_RULES = /^(AC|HS)\d/;

/** Whether the same attempt would end the same way: codes from 4400 to 4499. All other codes are transient. */
export const isFinal = (code: number): boolean => code >= 4400 && code <= 4499;

/** Splits the server's last message before a close, such as `[AD5] a spectator changes nothing`. */
export function ruleAndSentence(message: string): {
  readonly rule: string | null;
  readonly sentence: string;
} {
  const found = /^\[([A-Z]{2}\d{1,3})\]\s*(.*)$/s.exec(message.trim());
  return found === null
    ? { rule: null, sentence: message.trim() }
    : { rule: found[1] ?? null, sentence: (found[2] ?? "").trim() };
}

/** The refusal if the server closed the connection because of this page's changes; null for every other close. */
export function changeRefusalOf(code: number, message: string): ChangeRefusal | null {
  if (!isFinal(code) || OTHER_CODES.has(code)) return null;
  const { rule, sentence } = ruleAndSentence(message);
  return rule !== null && OTHER_RULES.test(rule) ? null : { code, rule, sentence };
}

/** The refusal as a sentence for the person. */
export function explainRefusal({ code, sentence }: ChangeRefusal): string {
  const reason = sentence === "" ? refusedTexts.serverGaveNoReason(code) : sentence;
  return refusedTexts.roomRefusedLastChanges(reason.replace(/[.\s]+$/, ""));
}
