import type { IconName } from "../../icon/Icon";
import { type CardType, LIMITS } from "../../room/schema/document";

export type { CardType };

type CardKind = {
  /** The visible and spoken name of the type. */
  readonly label: string;
  /** The stem of the colour tokens: `--<stem>` and `--<stem>-soft`. */
  readonly colour: string;
  readonly icon: IconName;
  /** The effect of the card, as one line for the dialog. */
  readonly effect: string;
};

const kinds: Record<CardType, CardKind> = {
  role: {
    label: "Role",
    colour: "role",
    icon: "person",
    effect: "Who the model is. The lowest role in the stack wins.",
  },
  tone: {
    label: "Tone",
    colour: "tone",
    icon: "wave",
    effect: "How it should sound. The lowest tone in the stack wins.",
  },
  "token-limit": {
    label: "Token limit",
    colour: "limit",
    icon: "hash",
    effect: "How long it may get. The smallest limit wins.",
  },
  format: {
    label: "Format",
    colour: "format",
    icon: "lines",
    effect: "The shape of the answer. Formats add up.",
  },
  constraint: {
    label: "Constraint",
    colour: "rule",
    icon: "rule",
    effect: "A rule to keep. Constraints add up.",
  },
  custom: {
    label: "Custom",
    colour: "own",
    icon: "pencil",
    effect: "Any words, sent in their place in the stack.",
  },
  image: { label: "Image", colour: "image", icon: "image", effect: "A picture for models that can see." },
  remove: { label: "Remove", colour: "remove", icon: "remove", effect: "Mutes the card that it names." },
};

/** The kind of a card type. An unknown type, which a document may contain, is treated as a custom card. */
export const kindOf = (type: string): CardKind =>
  Object.hasOwn(kinds, type) ? kinds[type as CardType] : kinds.custom;

export const CARD_TEXT_MAX = LIMITS.cardText;
/** The maximum number in a token-limit card, the same as on the server. */
export const TOKENS_MAX = 100_000;

export type CardCheck =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** Reads "400" and "400 tokens" as 400; null for any other text. */
export function parseTokenLimit(text: string): number | null {
  const match = /^\s*(\d{1,9})(?:\s*tokens?)?\s*$/i.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/**
 * Checks the text of a card. Returns the text to store, or the problem as a sentence. Lengths are in UTF-16 units.
 */
export function checkCard(type: string, raw: string, tokensMax = TOKENS_MAX): CardCheck {
  const text = raw.trim();
  if (text.length === 0) {
    return {
      ok: false,
      problem: type === "token-limit" ? "Enter a number of tokens." : "Write something on the card.",
    };
  }
  if (text.length > CARD_TEXT_MAX) {
    const excess = text.length - CARD_TEXT_MAX;
    return {
      ok: false,
      problem: `A card holds ${grouped(CARD_TEXT_MAX)} characters. This one has ${grouped(excess)} too many.`,
    };
  }
  if (type !== "token-limit") {
    return { ok: true, text };
  }
  const tokens = parseTokenLimit(text);
  if (tokens === null || tokens < 1 || tokens > tokensMax) {
    return { ok: false, problem: `A token limit is a whole number from 1 to ${grouped(tokensMax)}.` };
  }
  return { ok: true, text: tokens === 1 ? "1 token" : `${tokens} tokens` };
}

export const grouped = (n: number): string => n.toLocaleString("en-GB");
