import { Cell } from "./store";

/** The state of the call of a model, from the server's messages about it. It is never in the document. */
export interface CallState {
  readonly endpoint: string;
  readonly model: string;
  /** The time at which the endpoint was asked, by the server's clock. */
  readonly askedAt: number;
  /** The time after which the server gives up without a first word; 0 if it is unknown. */
  readonly firstWordMs: number;
  readonly isThinking: boolean;
  /** The failed attempt after which the endpoint is asked again, or null. */
  readonly retry: { readonly reason: string; readonly until: number; readonly pauseMs: number } | null;
  /** Sentences about the call, for example that another model is asked. */
  readonly notes: readonly string[];
}

const NOTES_MAX = 8;
const CALLS_MAX = 20;

/** The calls of models that run now, by request. The newest calls are kept; the document says which of them run. */
export class Calls {
  readonly states = new Cell<ReadonlyMap<string, CallState>>(new Map());

  receive(message: unknown): void {
    const states = this.states.get();
    const next = callAfter(message, (request) => states.get(request));
    if (next === null) return;
    const [request, state] = next;
    const all = new Map(states).set(request, state);
    for (const old of [...all.keys()].slice(0, Math.max(0, all.size - CALLS_MAX))) all.delete(old);
    this.states.set(all);
  }
}

const EMPTY: CallState = {
  endpoint: "",
  model: "",
  askedAt: 0,
  firstWordMs: 0,
  isThinking: false,
  retry: null,
  notes: [],
};

/** The request and the new state of its call after a message; null for any other message. */
export function callAfter(
  message: unknown,
  stateOf: (request: string) => CallState | undefined,
): readonly [string, CallState] | null {
  if (typeof message !== "object" || message === null) return null;
  const { type, request, at, endpoint, model, firstWordMs, text, reason, pauseMs } = message as Record<
    string,
    unknown
  >;
  if (typeof request !== "string" || request === "") return null;
  const before = stateOf(request) ?? EMPTY;
  const time = timeIn(at);
  switch (type) {
    case "generation-waiting":
      return [
        request,
        {
          ...before,
          endpoint: wordsIn(endpoint),
          model: wordsIn(model),
          askedAt: time,
          firstWordMs: timeIn(firstWordMs),
          isThinking: false,
          retry: null,
        },
      ];
    case "generation-thinking":
      return [request, { ...before, isThinking: true, retry: null }];
    case "generation-retry":
      return [
        request,
        {
          ...before,
          retry: { reason: wordsIn(reason), until: time + timeIn(pauseMs), pauseMs: timeIn(pauseMs) },
        },
      ];
    case "generation-note":
      return [request, { ...before, notes: [...before.notes, wordsIn(text)].slice(-NOTES_MAX) }];
    default:
      return null;
  }
}

/** The maximum length of a sentence or a name in a message. */
const WORDS_MAX = 1_000;

const wordsIn = (value: unknown): string => (typeof value === "string" ? value.slice(0, WORDS_MAX) : "");

function timeIn(value: unknown): number {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : 0;
}
