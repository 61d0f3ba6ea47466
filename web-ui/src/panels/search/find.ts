/** The kinds of places that are searched, in the order of the results. */
export const GROUPS = ["questions", "answers", "chat", "notes", "cards", "comments"] as const;
export type Group = (typeof GROUPS)[number];

/** A text of the room that can be found. */
export type SearchItem = {
  readonly group: Group;
  /** The place to show, as a jump names it. */
  readonly target: string;
  /** The author's identity; empty for a note, which has no single author. */
  readonly by: string;
  readonly at: number;
  readonly text: string;
  /** For a note its title, for a comment the key of its thread. */
  readonly detail?: string;
};

export type Hit = {
  readonly item: SearchItem;
  /** The found words, and the text around them in one line. */
  readonly before: string;
  readonly words: string;
  readonly after: string;
  /** The position of the words in the text. */
  readonly from: number;
};

export type Found = ReadonlyMap<Group, { readonly hits: readonly Hit[]; readonly count: number }>;

/** The hits of one group that are shown, newest first; further hits are only counted. */
export const HITS_MAX = 30;
const BEFORE_UNITS = 36;
const AFTER_UNITS = 90;

/** Lower case with the length of the text, so that positions stay the same. */
export function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return [...text]
    .map((letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter))
    .join("");
}

/** The folded texts of items. Items are made again with each search, but strings stay equal for one text. */
export class FoldedTexts {
  #known = new Map<string, string>();
  #next = new Map<string, string>();

  of(text: string): string {
    const made = this.#next.get(text) ?? this.#known.get(text) ?? folded(text);
    this.#next.set(text, made);
    return made;
  }

  /** Forgets the texts that the last search did not meet. */
  finished(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }
}

/** The position of the query in a folded text: of the whole query, else of its first word if all words occur; else -1. */
export function positionOf(text: string, query: string): { readonly from: number; readonly length: number } {
  const whole = text.indexOf(query);
  if (whole >= 0) return { from: whole, length: query.length };
  const words = query.split(/\s+/);
  if (words.length < 2 || !words.every((word) => text.includes(word))) return { from: -1, length: 0 };
  const [first = ""] = words;
  return { from: text.indexOf(first), length: first.length };
}

/** The cost of one step of a search, in UTF-16 units. A step takes a few milliseconds. */
const STEP_UNITS = 100_000;

/** Searches the items, newest first within each group. It yields between the steps, so that its caller can pause it. */
export function* search(
  items: readonly SearchItem[],
  query: string,
  texts: FoldedTexts,
): Generator<void, Found, void> {
  const wanted = folded(query.trim());
  const found = new Map<Group, { hits: Hit[]; count: number }>();
  if (wanted === "") return found;
  let units = 0;
  for (const item of items) {
    units += item.text.length + 100;
    if (units > STEP_UNITS) {
      units = 0;
      yield;
    }
    const { from, length } = positionOf(texts.of(item.text), wanted);
    if (from < 0) continue;
    const group = found.get(item.group) ?? { hits: [], count: 0 };
    found.set(item.group, group);
    group.count++;
    if (group.hits.length < HITS_MAX) group.hits.push(hitAt(item, from, length));
  }
  texts.finished();
  return new Map(
    GROUPS.flatMap((name) => {
      const group = found.get(name);
      return group === undefined ? [] : [[name, group] as const];
    }),
  );
}

function hitAt(item: SearchItem, from: number, length: number): Hit {
  const { text } = item;
  const start = Math.max(0, from - BEFORE_UNITS);
  const end = from + length;
  return {
    item,
    before: `${start > 0 ? "…" : ""}${oneLine(text.slice(start, from))}`,
    words: oneLine(text.slice(from, end)),
    after: `${oneLine(text.slice(end, end + AFTER_UNITS))}${end + AFTER_UNITS < text.length ? "…" : ""}`,
    from,
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ");

/** The time that a search takes of the page at once, in milliseconds. */
const SLICE_MS = 8;

/**
 * Runs a search in slices, with a pause for the page between them. Returns a function that cancels it.
 *
 * @param now the clock, in milliseconds
 * @param later runs a function in a task of its own
 */
export function runInSlices<T>(
  work: Generator<void, T, void>,
  { now, later }: { readonly now: () => number; readonly later: (task: () => void) => void },
  done: (result: T) => void,
): () => void {
  let cancelled = false;
  const slice = (): void => {
    if (cancelled) return;
    const end = now() + SLICE_MS;
    do {
      const step = work.next();
      if (step.done === true) {
        done(step.value);
        return;
      }
    } while (now() < end);
    later(slice);
  };
  later(slice);
  return () => {
    cancelled = true;
  };
}
