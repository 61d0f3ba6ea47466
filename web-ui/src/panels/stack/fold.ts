import { activeStack, type StackCard, systemPart, tokensOf } from "../../room/schema/fold";
import type { Settings } from "../../room/schema/read";

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

/**
 * Says what becomes of each card when the stack is folded into a prompt. The fold itself is in `room/schema/fold`, as
 * the server makes it. The cards are in stack order; removed cards have no fate.
 */
export function foldOf(
  cards: readonly StackCard[],
  settings: Pick<Settings, "stackRule" | "systemPrompt">,
): Fold {
  const fates = new Map<string, Fate>();
  const { cards: stack, invalid, removers } = activeStack(cards);
  for (const card of cards) {
    if (card.removedBy !== null) continue;
    const remover = removers.get(card.id);
    if (card.muted) fates.set(card.id, { kind: "muted" });
    else if (invalid.has(card.id)) fates.set(card.id, { kind: "invalid" });
    else if (remover !== undefined) fates.set(card.id, { kind: "removed", by: remover });
  }
  const { text, cardsUsed } = systemPart(stack, settings);
  const used = new Set(cardsUsed);
  const { stackRule } = settings;
  for (const card of stack) {
    const rivals = stack.filter(({ id, type }) => type === card.type && id !== card.id);
    const winner = used.has(card.id) ? undefined : rivals.findLast(({ id }) => used.has(id));
    fates.set(
      card.id,
      winner === undefined
        ? { kind: "sent", wins: winsAgainst(rivals, card, stackRule) }
        : { kind: "overridden", by: winner.id },
    );
  }
  return { fates, text };
}

/** Whether a card that is sent overrides another card of its type [PF3, PF4]. */
function winsAgainst(
  rivals: readonly StackCard[],
  { type, text }: StackCard,
  rule: Settings["stackRule"],
): boolean {
  if (type === "token-limit") return rivals.some((rival) => tokensOf(rival.text) !== tokensOf(text));
  return (type === "role" || type === "tone") && rule === "latest" && rivals.length > 0;
}

/** The estimated number of tokens of a text: one for four characters, as the server estimates. */
export const estimatedTokens = (units: number): number => Math.ceil(units / 4);
