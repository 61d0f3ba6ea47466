import type { Role } from "../../room/schema/document";

export type GenerateConditions = {
  readonly role: Role;
  readonly online: boolean;
  readonly running: { readonly name: string; readonly mine: boolean } | null;
  readonly query: string;
  readonly queryMax: number;
};

/** The question that the model gets for the text in the field. The preview asks the same. */
export const trimmedQuery = (words: string): string => words.trim();

/** The one reason that only asks for text. The button stays enabled and moves the focus to the field. */
export const EMPTY_QUERY = "Type a question first";

/**
 * The reason why Generate cannot be pressed, as a sentence; null if it can. If several apply, the reason that the
 * person can influence least is shown.
 */
export function generateBlockedReason({
  role,
  online,
  running,
  query,
  queryMax,
}: GenerateConditions): string | null {
  if (role === "spectator") return "You are watching. Ask the host for a player link to generate.";
  if (running !== null)
    return running.mine ? "Your answer is being written" : `${running.name} is generating`;
  if (!online) return "Offline: generating needs the server. Your words stay here.";
  if (query.length > queryMax) {
    return `A query holds ${queryMax.toLocaleString("en-GB")} characters; this one is longer.`;
  }
  if (query.trim().length === 0) return EMPTY_QUERY;
  return null;
}

/** A refusal for asking too often, with the whole seconds left to wait. */
export type RateLimit = { readonly perMinute: number; readonly seconds: number };

/** Reads `too-many <when, in the server's milliseconds> <most a minute>`; null for every other reason. */
export function rateLimitOf(reason: string | null, serverNow: number): RateLimit | null {
  const found = /^too-many (\d+) (\d+)$/.exec(reason ?? "");
  if (found === null) return null;
  const seconds = Math.max(0, Math.ceil((Number(found[1]) - serverNow) / 1000));
  // A minute is the longest possible wait. A clock that is far off must not cause a countdown of hours.
  return { perMinute: Number(found[2]), seconds: Math.min(60, seconds) };
}

/** The limit in words, separate from the part that changes each second. */
export function rateLimitText({ perMinute, seconds }: RateLimit): {
  readonly text: string;
  readonly countdown?: string;
} {
  const text = perMinute === 1 ? "1 question a minute." : `${perMinute} questions a minute.`;
  return seconds === 0
    ? { text: `${text} You can ask again now.` }
    : { text, countdown: `Try again in ${seconds} s.` };
}

/**
 * The outcome of a refused request as a sentence that says what to do next. `nameOf` gives the name of the author of
 * another request, or null.
 */
export function refusalText(reason: string | null, nameOf: (request: string) => string | null): string {
  const text = reason ?? "";
  const [code = "", ...rest] = text.split(" ");
  switch (code.replace(/:$/, "")) {
    case "lost-to": {
      const name = nameOf(rest.join(" "));
      return name === null
        ? "Another request reached the server first, so yours did not run. Try again when it is done."
        : `${name} pressed Generate first, so yours did not run. Try again when it is done.`;
    }
    case "stale":
      return "The room had moved on when your request arrived, so it did not run. Look at the stack, then try again.";
    case "not-allowed":
      return "The server did not accept this request from you. A player link from the host lets you generate.";
    case "too-many":
      return "You asked too often. Try again in a minute.";
    case "busy":
      return "The model was already writing. Try again when it is done.";
    case "invalid":
      return `The request could not run: ${rest.join(" ") || "something in it is not valid"}. Change it and try again.`;
    default:
      return text === ""
        ? "The server refused this request. Try again."
        : `The server refused this request: ${text}.`;
  }
}

/** The time that a request may wait for the server's answer before the page says so. */
export const UNANSWERED_MS = 8000;
