import type { Role } from "../../room/schema/document";

/** The facts that decide whether this person may press Generate. */
export type GenerateConditions = {
  readonly role: Role;
  readonly online: boolean;
  readonly running: { readonly name: string; readonly isOwn: boolean } | null;
  readonly query: string;
  readonly queryMax: number;
};

/** The query that is sent for the text in the field, in a request and in a preview. */
export const trimmedQuery = (words: string): string => words.trim();

/** The reason for an empty query. With this reason the button stays enabled and moves the focus to the field. */
export const EMPTY_QUERY = "Type a question first";

/**
 * The reason why Generate cannot be pressed, as a sentence, or null. If several reasons apply, the result is the reason
 * that the person can change least.
 */
export function generateBlockedReason({
  role,
  online,
  running,
  query,
  queryMax,
}: GenerateConditions): string | null {
  if (role === "spectator") return "You're a spectator. Ask a host to let you play.";
  if (running !== null)
    return running.isOwn ? "Your answer is being written" : `${running.name} is generating`;
  if (!online) return "Offline: generating needs the server. Your question stays here.";
  if (query.length > queryMax) {
    return `Questions can have up to ${queryMax.toLocaleString("en-GB")} characters. This one is too long.`;
  }
  if (query.trim().length === 0) return EMPTY_QUERY;
  return null;
}

/** A rate limit that refused a request: requests a minute, and the seconds until the next one is allowed. */
export type RateLimit = { readonly perMinute: number; readonly seconds: number };

/** Reads a reason `too-many <time of the next request, in ms> <requests a minute>`; null for every other reason. */
export function rateLimitOf(reason: string | null, serverNow: number): RateLimit | null {
  const found = /^too-many (\d+) (\d+)$/.exec(reason ?? "");
  if (found === null) return null;
  const seconds = Math.max(0, Math.ceil((Number(found[1]) - serverNow) / 1000));
  // The longest wait is a minute. The maximum prevents a countdown of hours if a clock is wrong.
  return { perMinute: Number(found[2]), seconds: Math.min(60, seconds) };
}

/** The limit in words. The part that changes each second is separate. */
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
 * A sentence for a refused request, with what to do next. `nameOf` gives the name of the author of another request, or
 * null.
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
      return "The room had changed when your request arrived, so it did not run. Look at the stack, then try again.";
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

/** After this time without an answer of the server, the page says that the request is waiting. */
export const UNANSWERED_MS = 8000;
