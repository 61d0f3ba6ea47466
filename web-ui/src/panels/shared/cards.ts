import type { IconName } from "../../icon/Icon";
import { type CardType, LIMITS } from "../../room/schema/document";
import { cardTexts } from "../../texts";

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
    label: cardTexts.role,
    colour: "role",
    icon: "person",
    effect: cardTexts.modelLowestRoleStackWins,
  },
  tone: {
    label: cardTexts.tone,
    colour: "tone",
    icon: "wave",
    effect: cardTexts.howShouldSoundLowestTone,
  },
  "token-limit": {
    label: cardTexts.tokenLimit,
    colour: "limit",
    icon: "hash",
    effect: cardTexts.howLongMayGetSmallest,
  },
  format: {
    label: cardTexts.format,
    colour: "format",
    icon: "lines",
    effect: cardTexts.shapeAnswerFormatsAddUp,
  },
  constraint: {
    label: cardTexts.constraint,
    colour: "rule",
    icon: "rule",
    effect: cardTexts.ruleKeepConstraintsAddUp,
  },
  custom: {
    label: cardTexts.custom,
    colour: "own",
    icon: "pencil",
    effect: cardTexts.anyWordsSentPlaceStack,
  },
  image: { label: cardTexts.image, colour: "image", icon: "image", effect: cardTexts.pictureModelsCanSee },
  remove: { label: cardTexts.remove, colour: "remove", icon: "remove", effect: cardTexts.mutesCardNames },
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
      problem: type === "token-limit" ? cardTexts.enterNumberTokens : cardTexts.writeSomethingCard,
    };
  }
  if (text.length > CARD_TEXT_MAX) {
    const excess = text.length - CARD_TEXT_MAX;
    return {
      ok: false,
      problem: cardTexts.cardHoldsCharactersOneToo(grouped(CARD_TEXT_MAX), grouped(excess)),
    };
  }
  if (type !== "token-limit") {
    return { ok: true, text };
  }
  const tokens = parseTokenLimit(text);
  if (tokens === null || tokens < 1 || tokens > tokensMax) {
    return { ok: false, problem: cardTexts.tokenLimitWholeNumber1(grouped(tokensMax)) };
  }
  return { ok: true, text: tokens === 1 ? "1 token" : cardTexts.tokens(tokens) };
}

export const grouped = (n: number): string => n.toLocaleString("en-GB");
