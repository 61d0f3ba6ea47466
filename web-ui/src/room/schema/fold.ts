import { LIMITS } from "./document";
import { type Attachment, byKeyThenId, type Card, type Result, type Settings } from "./read";

/*
 * Folds a stack of cards and a question into the messages for a model: the rules PF of docs/room.md. The server has the
 * same pure function (`PromptFold`, `AnswerPath`); docs/vectors/prompt-fold.json has cases that both must agree on.
 */

export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  /** The content ids of the images that go with the message; missing without images. */
  readonly images?: readonly string[];
}

export interface FoldProblem {
  readonly path: string;
  readonly message: string;
}

export interface FoldedPrompt {
  readonly messages: readonly Message[];
  /** The smallest token limit of the cards, or null. */
  readonly tokensMax: number | null;
  /** The content of the system message; empty without one. */
  readonly text: string;
  /** The ids of the cards that shaped the prompt, in stack order. */
  readonly cardsUsed: readonly string[];
  readonly problems: readonly FoldProblem[];
  /** The number of earlier pairs of question and answer that did not fit. */
  readonly omitted: number;
}

/** The earlier answers that a question follows, oldest first. */
export interface AnswerPath {
  readonly pairs: readonly Result[];
  readonly omitted: number;
}

export const PATH_LENGTH_MAX = 400_000;
const CARD_LENGTH_MAX = 4_000;
const TOKENS_MAX = 100_000;

/** The part of a card that the fold reads. */
export type StackCard = Pick<Card, "id" | "type" | "text" | "image" | "muted" | "removedBy">;

/** The characters that Java's `strip` removes; `trim` removes others too. */
const BLANK = "[\\t-\\r\\x1c-\\x20\\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000]";
const OUTER_BLANKS = new RegExp(`^${BLANK}+|${BLANK}+$`, "g");
const strip = (text: string): string => text.replace(OUTER_BLANKS, "");
const plain = (text: string): string => strip(text.replace(/\r\n?/g, "\n"));

/** The limit on a token-limit card, or null if it is invalid. */
export function tokensOf(text: string): number | null {
  const found = /^([0-9]{1,9})([ \t\n\v\f\r]*tokens?)?$/i.exec(strip(text));
  const number = Number(found?.[1] ?? 0);
  return number >= 1 && number <= TOKENS_MAX ? number : null;
}

function problemOf(card: StackCard): FoldProblem | null {
  const ofText = (message: string): FoldProblem => ({ path: `cards/${card.id}/text`, message });
  if (card.type === "image" && card.image === null && strip(card.text) === "")
    return { path: `cards/${card.id}/image`, message: "is missing" };
  if (card.text.length > CARD_LENGTH_MAX) return ofText(`is longer than ${CARD_LENGTH_MAX} characters`);
  if (card.type === "token-limit")
    return tokensOf(card.text) === null
      ? ofText("should be a whole number of tokens from 1 to 100,000, for example 50")
      : null;
  return card.type !== "image" && strip(card.text) === "" ? ofText("is empty") : null;
}

const normalized = (text: string): string => strip(text).toLowerCase();

/** The ids of the cards below a remove card that one of its lines names [PF2]. */
function namedBy(remover: StackCard, below: readonly StackCard[]): string[] {
  const lines = remover.text.split(/\r\n|\r|\n/).map(normalized);
  return below
    .filter((card) => card.type !== "remove")
    .filter((card) =>
      lines.some(
        (line) => line !== "" && (line === card.id || line === card.type || line === normalized(card.text)),
      ),
    )
    .map((card) => card.id);
}

/** The cards that the fold uses, and the reasons for which it does not use the others. */
export interface ActiveStack {
  /** The valid, unmuted cards in order. */
  readonly cards: readonly StackCard[];
  /** The problems of invalid cards, by the cards' ids. */
  readonly invalid: ReadonlyMap<string, FoldProblem>;
  /** For each card that a remove card mutes: the id of the first such remove card. */
  readonly removers: ReadonlyMap<string, string>;
}

/** Finds the cards that count in a stack [PF1, PF2, PF8]. The cards are in stack order. */
export function activeStack(cards: readonly StackCard[]): ActiveStack {
  const invalid = new Map<string, FoldProblem>();
  const valid: StackCard[] = [];
  for (const card of cards) {
    if (card.removedBy !== null || card.muted) continue;
    const problem = problemOf(card);
    if (problem === null) valid.push(card);
    else invalid.set(card.id, problem);
  }
  const removers = new Map<string, string>();
  valid.forEach((card, index) => {
    if (card.type !== "remove") return;
    const named = namedBy(card, valid.slice(0, index));
    for (const id of named) if (!removers.has(id)) removers.set(id, card.id);
    if (named.length === 0)
      invalid.set(card.id, { path: `cards/${card.id}/text`, message: "names no card below this one" });
  });
  return {
    cards: valid.filter(({ id }) => !removers.has(id) && !invalid.has(id)),
    invalid,
    removers,
  };
}

/** The cards of a type that count [PF3]: the last with the rule "latest", all with "combine". */
function counting(
  stack: readonly StackCard[],
  type: Card["type"],
  rule: Settings["stackRule"],
): readonly StackCard[] {
  const all = stack.filter((card) => card.type === type);
  return rule === "combine" ? all : all.slice(-1);
}

/** What the active cards and the room's system prompt send to the model, without question and answers. */
export interface SystemPart {
  /** The content of the system message; empty without one. */
  readonly text: string;
  readonly tokensMax: number | null;
  /** The ids of the cards that shape it, in stack order. */
  readonly cardsUsed: readonly string[];
}

/** The system message of active cards [PF3 to PF6]. */
export function systemPart(
  stack: readonly StackCard[],
  { stackRule, systemPrompt }: Pick<Settings, "stackRule" | "systemPrompt">,
): SystemPart {
  const roles = counting(stack, "role", stackRule);
  const tones = counting(stack, "tone", stackRule);
  const words = stack.filter((card) => ["format", "constraint", "custom", "image"].includes(card.type));
  const limits = stack.filter((card) => card.type === "token-limit");
  const tokensMax =
    limits.length === 0 ? null : Math.min(...limits.map((card) => tokensOf(card.text) ?? TOKENS_MAX));
  const texts = [systemPrompt, ...[...roles, ...tones, ...words].map((card) => card.text)];
  const paragraphs = texts.map(plain).filter((text) => text !== "");
  if (tokensMax !== null) paragraphs.push(`IMPORTANT: Keep your response under ${tokensMax} tokens.`);
  const used = new Set([...roles, ...tones, ...words].map((card) => card.id));
  for (const card of stack) {
    const isLimit = card.type === "token-limit" && tokensOf(card.text) === tokensMax;
    if (isLimit || card.type === "remove") used.add(card.id);
  }
  const cardsUsed = stack.map((card) => card.id).filter((id) => used.has(id));
  return { text: paragraphs.join("\n\n"), tokensMax, cardsUsed };
}

const SOURCES: Readonly<Record<string, string>> = {
  result: "an earlier answer",
  note: "a note",
  card: "a card",
  chat: "the chat",
};

function sourceOf(from: string | null): string {
  const kind = from === null ? null : /^(result|note|card|chat):/.exec(from)?.[1];
  return kind ? (SOURCES[kind] ?? "") : "";
}

function tagOf(attachment: Attachment): readonly [string, string, string] {
  switch (attachment.kind) {
    case "note":
      return ["note", "title", attachment.title];
    case "image":
      return ["image", "", ""];
    default:
      return ["quote", "from", sourceOf(attachment.from)];
  }
}

const imagesOf = (attach: readonly Attachment[]): string[] =>
  attach.flatMap((each) => (each.kind === "image" ? [each.id] : []));

/** Keeps the newest images up to the limit [PF12]. */
function withinImagesMax(messages: readonly Message[]): Message[] {
  let left: number = LIMITS.images;
  const kept: Message[] = [];
  for (const { images = [], ...message } of [...messages].reverse()) {
    const some = images.slice(0, left);
    left -= some.length;
    kept.unshift(some.length === 0 ? message : { ...message, images: some });
  }
  return kept;
}

/** The user message of a question: its attachments and the query [PF7, PF10]. */
export function questionOf(attach: readonly Attachment[], query: string): string {
  let message = "";
  for (const each of attach) {
    const words = plain(each.text);
    if (words === "") continue;
    const [tag, name, value] = tagOf(each);
    const quoted = value.replaceAll('"', "'").replace(/[\r\n]/g, " ");
    message += `<${tag}${quoted === "" ? "" : ` ${name}="${quoted}"`}>\n${words}\n</${tag}>\n\n`;
  }
  return message + query;
}

/** The path that ends at the result `after`, with at most this many characters [PF9, PF11]. */
export function answerPath(results: readonly Result[], after: string, lengthMax: number): AnswerPath {
  const byRequest = new Map(results.map((result) => [result.request, result]));
  const visited = new Set<string>();
  const pairs: Result[] = [];
  let omitted = 0;
  let length = 0;
  let next = byRequest.get(after);
  while (next !== undefined && !visited.has(next.request)) {
    visited.add(next.request);
    if (strip(next.query) !== "" && strip(next.text) !== "") {
      length += questionOf(next.attach ?? [], next.query).length + next.text.length;
      if (length > lengthMax) omitted++;
      else pairs.unshift(next);
    }
    next = next.after ? byRequest.get(next.after) : undefined;
  }
  return { pairs, omitted };
}

/**
 * The budget of the path in UTF-16 units [PF11]. `contextTokens` is 0 for an unknown context, `tokensMax` is 0 without a
 * limit on the answer.
 */
export function budgetOf(contextTokens: number, fixedLength: number, tokensMax: number): number {
  if (contextTokens === 0) return PATH_LENGTH_MAX;
  const answer = tokensMax > 0 ? 4 * tokensMax : contextTokens;
  return Math.min(PATH_LENGTH_MAX, Math.max(0, 4 * contextTokens - fixedLength - answer));
}

/** What is folded: the cards that the request names, the question with its attachments, and the answers that it follows. */
export interface FoldInput {
  readonly cards: readonly Card[];
  readonly query: string;
  readonly attach: readonly Attachment[];
  readonly after: string;
  readonly results: readonly Result[];
  readonly stackRule: "latest" | "combine";
  readonly systemPrompt: string;
  readonly contextTokens: number;
}

/** Folds a request into the messages that a model gets. */
export function foldPrompt(input: FoldInput): FoldedPrompt {
  const inOrder = [...input.cards].sort((a, b) => byKeyThenId(a.order, b.order, a.id, b.id));
  const { cards, invalid } = activeStack(inOrder);
  const { text, tokensMax, cardsUsed } = systemPart(cards, input);
  const question = questionOf(input.attach, input.query);
  const budget = budgetOf(input.contextTokens, text.length + question.length, tokensMax ?? 0);
  const path = answerPath(input.results, input.after, budget);
  const messages: Message[] = text === "" ? [] : [{ role: "system", content: text }];
  for (const pair of path.pairs) {
    const attach = pair.attach ?? [];
    messages.push({ role: "user", content: questionOf(attach, pair.query), images: imagesOf(attach) });
    messages.push({ role: "assistant", content: pair.text });
  }
  const onCards = cards.flatMap(({ type, image }) => (type === "image" && image !== null ? [image] : []));
  messages.push({ role: "user", content: question, images: [...onCards, ...imagesOf(input.attach)] });
  return {
    messages: withinImagesMax(messages),
    tokensMax,
    text,
    cardsUsed,
    problems: [...invalid.values()],
    omitted: path.omitted,
  };
}
