import type { Card, Settings } from "../../room/schema/read";
import { checkCard, parseTokenLimit, TOKENS_MAX } from "../shared/cards";

/** What becomes of a card when the stack is folded into a prompt. */
export type Fate =
  | { readonly kind: "sent" /** Whether it wins against other cards of its kind. */; readonly wins: boolean }
  /** Another card of the same kind counts instead. */
  | { readonly kind: "overridden"; readonly by: string }
  /** A remove card mutes it. */
  | { readonly kind: "removed"; readonly by: string }
  | { readonly kind: "muted" }
  /** The card is not valid for its type. */
  | { readonly kind: "invalid" };

export type Fold = {
  readonly fates: ReadonlyMap<string, Fate>;
  /** The text that the cards and the room's system prompt add to the prompt. */
  readonly text: string;
};

type FoldedCard = Pick<Card, "id" | "type" | "text" | "image" | "muted" | "removedBy">;

/**
 * Folds the stack by the rules PF1 to PF8, as the server does, and says what becomes of each card. The cards are in
 * stack order; removed cards have no fate.
 */
export function foldOf(
  cards: readonly FoldedCard[],
  { stackRule, systemPrompt }: Pick<Settings, "stackRule" | "systemPrompt">,
): Fold {
  const fates = new Map<string, Fate>();
  const shown = cards.filter((card) => card.removedBy === null);
  const valid: FoldedCard[] = [];
  for (const card of shown) {
    if (card.muted) fates.set(card.id, { kind: "muted" });
    else if (isValid(card)) valid.push(card);
    else fates.set(card.id, { kind: "invalid" });
  }
  muteByRemoveCards(valid, fates);
  const stack = valid.filter((card) => !fates.has(card.id));
  const role = lastOf(stack, "role", stackRule);
  const tone = lastOf(stack, "tone", stackRule);
  const limit = smallestLimit(stack);
  for (const card of stack) fates.set(card.id, fateOf(card, stack, { role, tone, token: limit }));
  return { fates, text: textOf(stack, fates, systemPrompt, limit) };
}

type Winners = {
  readonly role: FoldedCard | null;
  readonly tone: FoldedCard | null;
  readonly token: FoldedCard | null;
};

function fateOf(card: FoldedCard, stack: readonly FoldedCard[], winners: Winners): Fate {
  const winner = card.type === "token-limit" ? winners.token : winnerOf(card, winners);
  if (winner === null) return { kind: "sent", wins: false };
  const isEqualLimit = card.type === "token-limit" && tokensOf(card) === tokensOf(winner);
  if (card.id !== winner.id && !isEqualLimit) return { kind: "overridden", by: winner.id };
  const hasRival = stack.some(
    (other) => other.type === card.type && other.id !== card.id && tokensOf(other) !== tokensOf(card),
  );
  return { kind: "sent", wins: card.type === "token-limit" ? hasRival : hasOther(stack, card) };
}

const winnerOf = (card: FoldedCard, { role, tone }: Winners): FoldedCard | null =>
  card.type === "role" ? role : card.type === "tone" ? tone : null;

const hasOther = (stack: readonly FoldedCard[], card: FoldedCard): boolean =>
  stack.some((other) => other.type === card.type && other.id !== card.id);

/** PF3: with the rule "latest", the last card of a kind counts; with "combine", all count and none wins. */
function lastOf(
  stack: readonly FoldedCard[],
  type: "role" | "tone",
  rule: Settings["stackRule"],
): FoldedCard | null {
  return rule === "combine" ? null : (stack.findLast((card) => card.type === type) ?? null);
}

const tokensOf = ({ text }: FoldedCard): number | null => parseTokenLimit(text);

/** PF4: the smallest limit counts. */
function smallestLimit(stack: readonly FoldedCard[]): FoldedCard | null {
  let smallest: FoldedCard | null = null;
  for (const card of stack) {
    if (card.type !== "token-limit") continue;
    if (smallest === null || (tokensOf(card) ?? 0) < (tokensOf(smallest) ?? 0)) smallest = card;
  }
  return smallest;
}

/** PF8. */
function isValid(card: FoldedCard): boolean {
  if (card.type === "image") return card.image !== null || card.text.trim() !== "";
  return checkCard(card.type, card.text, TOKENS_MAX).ok;
}

/** PF2: a remove card mutes the cards before it that one of its lines names by id, by type or by the whole text. */
function muteByRemoveCards(valid: readonly FoldedCard[], fates: Map<string, Fate>): void {
  valid.forEach((remover, index) => {
    if (remover.type !== "remove") return;
    const lines = new Set(
      remover.text
        .split(/\r?\n/)
        .map(normalized)
        .filter((line) => line !== ""),
    );
    const named = valid
      .slice(0, index)
      .filter((card) => card.type !== "remove")
      .filter(({ id, type, text }) => [id, type, normalized(text)].some((name) => lines.has(name)));
    if (named.length === 0) fates.set(remover.id, { kind: "invalid" });
    for (const card of named)
      if (!fates.has(card.id)) fates.set(card.id, { kind: "removed", by: remover.id });
  });
}

const normalized = (text: string): string => text.trim().toLowerCase();

/** PF5 and PF6. */
function textOf(
  stack: readonly FoldedCard[],
  fates: ReadonlyMap<string, Fate>,
  systemPrompt: string,
  limit: FoldedCard | null,
): string {
  const sent = stack.filter((card) => fates.get(card.id)?.kind === "sent");
  const texts = (types: readonly string[]) =>
    sent.filter((card) => types.includes(card.type)).map((card) => card.text);
  const paragraphs = [
    systemPrompt,
    ...texts(["role"]),
    ...texts(["tone"]),
    ...texts(["format", "constraint", "custom", "image"]),
    limit === null ? "" : `IMPORTANT: Keep your response under ${tokensOf(limit)} tokens.`,
  ];
  return paragraphs
    .map((text) => text.replace(/\r\n?/g, "\n").trim())
    .filter((text) => text !== "")
    .join("\n\n");
}

/** The estimated number of tokens of a text: one for four characters, as the server estimates. */
export const estimatedTokens = (units: number): number => Math.ceil(units / 4);
