import type { Result } from "../../room/schema/read";

/** The part of a result from which the tree of answers is derived. */
export type Node = Pick<Result, "request" | "after" | "startedAt" | "endedAt">;

/** One answer of the shown conversation, with the answers that follow the same answer as this one. */
export type Step<T extends Node = Result> = {
  readonly answer: T;
  /** The requests of all answers at this branch, oldest first, this one included. */
  readonly siblings: readonly string[];
};

/**
 * The tree of all answers, derived from the field `after` of each result [GE9]. Every answer has at most one parent. An
 * answer without a parent begins a conversation.
 */
export class AnswerTree<T extends Node = Result> {
  readonly #byRequest: ReadonlyMap<string, T>;
  readonly #parents: ReadonlyMap<string, string>;
  readonly #children = new Map<string, string[]>();

  /** @param answers the answers of the room, oldest first */
  constructor(readonly answers: readonly T[]) {
    this.#byRequest = new Map(answers.map((answer) => [answer.request, answer]));
    this.#parents = parentsOf(answers, this.#byRequest);
    for (const { request } of answers) {
      const parent = this.#parents.get(request) ?? "";
      const siblings = this.#children.get(parent);
      if (siblings === undefined) this.#children.set(parent, [request]);
      else siblings.push(request);
    }
  }

  get newest(): string | null {
    return this.answers.at(-1)?.request ?? null;
  }

  get(request: string): T | undefined {
    return this.#byRequest.get(request);
  }

  /** The request of the answer that this answer follows, or "" for the first answer of a conversation. */
  parentOf(request: string): string {
    return this.#parents.get(request) ?? "";
  }

  /** The requests that follow an answer, oldest first; those that begin a conversation for "". */
  childrenOf(request: string): readonly string[] {
    return this.#children.get(request) ?? [];
  }

  /** The end of the conversation through an answer: from branch to branch its newest continuation. */
  endBelow(request: string): string {
    let end = request;
    for (let next = this.childrenOf(end).at(-1); next !== undefined; next = this.childrenOf(end).at(-1))
      end = next;
    return end;
  }

  /** The conversation through the chosen answer, oldest first; through the newest answer if none is chosen. */
  path(chosen: string | null): readonly Step<T>[] {
    const start = chosen !== null && this.#byRequest.has(chosen) ? chosen : this.newest;
    if (start === null) return [];
    const steps: Step<T>[] = [];
    for (let at = this.endBelow(start); at !== ""; at = this.parentOf(at)) {
      const answer = this.#byRequest.get(at);
      if (answer === undefined) break;
      steps.push({ answer, siblings: this.childrenOf(this.parentOf(at)) });
    }
    return steps.reverse();
  }

  /** Whether an answer is in the conversation that ends at `end`. */
  isAbove(request: string, end: string): boolean {
    for (let at = end; at !== ""; at = this.parentOf(at)) if (at === request) return true;
    return false;
  }
}

/** The parent of each answer. An unknown name, or a name that would close a circle, begins a conversation. */
function parentsOf<T extends Node>(
  answers: readonly T[],
  byRequest: ReadonlyMap<string, T>,
): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  answers.forEach((answer, index) => {
    const parent = namedParent(answer, answers[index - 1]);
    if (parent !== "" && byRequest.has(parent) && !leadsTo(parent, answer.request, parents)) {
      parents.set(answer.request, parent);
    }
  });
  return parents;
}

/** A result without `after` is from an earlier version, and follows the result before it [GE9]. */
const namedParent = (answer: Node, before: Node | undefined): string => answer.after ?? before?.request ?? "";

function leadsTo(from: string, target: string, parents: ReadonlyMap<string, string>): boolean {
  for (let at: string | undefined = from; at !== undefined; at = parents.get(at))
    if (at === target) return true;
  return false;
}

/**
 * The answers of the shown path whose branch has another way to an answer that is being written.
 */
export function liveBranches(tree: AnswerTree, path: readonly Step[]): ReadonlySet<string> {
  const shown = new Map(path.map(({ answer }) => [tree.parentOf(answer.request), answer.request]));
  const live = new Set<string>();
  for (const { request, status } of tree.answers) {
    if (status !== "running" || path.some(({ answer }) => answer.request === request)) continue;
    let at = request;
    while (at !== "" && !shown.has(tree.parentOf(at))) at = tree.parentOf(at);
    const branch = at === "" ? undefined : shown.get(tree.parentOf(at));
    if (branch !== undefined) live.add(branch);
  }
  return live;
}

/**
 * The length of the earlier questions and answers that go with a question after `after`, in UTF-16 units [PF9]. The path
 * ends at a result without the field `after`, and results without words are left out.
 */
export function unitsOfPath(tree: AnswerTree, after: string): number {
  const visited = new Set<string>();
  let units = 0;
  let at = tree.get(after);
  while (at !== undefined && !visited.has(at.request)) {
    visited.add(at.request);
    if (at.query.trim() !== "" && at.text.trim() !== "") units += at.query.length + at.text.length;
    at = at.after ? tree.get(at.after) : undefined;
  }
  return units;
}
