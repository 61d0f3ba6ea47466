import type { CardType } from "../shared/cards";

/** One card of the deck: its type and the text that it adds to the prompt. */
export type DeckCard = { readonly id: string; readonly type: CardType; readonly text: string };

const roles = [
  "Code pirate who comments every line",
  "A patient editor who has shipped software",
  "The night librarian, asked at closing time",
  "A lighthouse keeper writing home",
  "Head chef explaining to the new hire",
  "A referee who has read the rule book twice",
  "An engineer who was on call last night",
  "The teacher everybody still writes to",
  "A cartographer of places that do not exist",
  "A judge at a village cake contest",
  "A detective who already knows who did it",
  "A gardener who talks in seasons",
  "The ship's doctor, short of time",
  "A museum guide in front of one painting",
  "A founder on the fourth rewrite",
  "An honest estate agent",
];

const tones = [
  "Plain and warm, no slogans",
  "As to a friend who is late",
  "Dry, like a good crispbread",
  "Quietly certain",
  "Curious, asks one question back",
  "Like a postcard with little room left",
  "Kind to beginners, brief with experts",
  "A grandmother who was a chemist",
  "Deadpan",
  "As if read aloud on the radio",
  "Hopeful, with receipts",
  "A little seasick",
  "Formal, but the tie is loose",
  "Like a lullaby for engineers",
];

const limits = [
  "50 tokens",
  "80 tokens",
  "120 tokens",
  "200 tokens",
  "300 tokens",
  "400 tokens",
  "600 tokens",
  "900 tokens",
];

const formats = [
  "Three bullets, then one line",
  "A letter with a postscript",
  "A table with two columns",
  "Numbered steps, each with one verb",
  "A dialogue between two people who agree",
  "Headline, then the smallest true story",
  "Question, answer, question, answer",
  "A recipe: what you need, what you do",
  "Code first, words after",
  "A changelog entry",
  "One paragraph that ends where it began",
  "A checklist somebody could print",
];

const constraints = [
  "No adjectives",
  "Every sentence under twelve words",
  "Mention the weather once",
  "Say what could go wrong",
  "No metaphors, not even good ones",
  "Give one number and its source",
  "Explain it without the usual word for it",
  "Name the trade-off out loud",
  "No sentence may begin with “The”",
  "Leave one thing for the reader to find",
  "Only things that can be checked",
  "Include the view of someone who disagrees",
];

const suit = (type: CardType, texts: readonly string[]): DeckCard[] =>
  texts.map((text, index) => ({ id: `${type}-${index + 1}`, type, text }));

/**
 * The deck, the same for all people. A stored hand refers to cards by id, so add new cards only at the end of a type.
 */
export const deck: readonly DeckCard[] = [
  ...suit("role", roles),
  ...suit("tone", tones),
  ...suit("token-limit", limits),
  ...suit("format", formats),
  ...suit("constraint", constraints),
];
