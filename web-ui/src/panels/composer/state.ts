import type { Role } from "../../room/schema/document";
import { composerTexts } from "../../texts";

/** The facts that decide whether this person may press Generate. */
export type GenerateConditions = {
  readonly role: Role;
  readonly online: boolean;
  /** Whether the server takes no changes of this page any more, for example after a host removed the person. */
  readonly refused: boolean;
  readonly query: string;
  readonly queryMax: number;
};

/** The query that is sent for the text in the field, in a request and in a preview. */
export const trimmedQuery = (words: string): string => words.trim();

/** The reason for an empty query. With this reason the button stays enabled and moves the focus to the field. */
export const EMPTY_QUERY = composerTexts.typeAQuestionFirst;

/**
 * The reason why Generate cannot be pressed, as a sentence, or null. If several reasons apply, the result is the reason
 * that the person can change least.
 */
export function generateBlockedReason({
  role,
  online,
  refused,
  query,
  queryMax,
}: GenerateConditions): string | null {
  if (role === "spectator") return composerTexts.youreSpectatorAskHostLet;
  if (refused) return composerTexts.serverTakesNoQuestionsMessage;
  if (!online) return composerTexts.offlineGeneratingNeedsServer;
  if (query.length > queryMax) {
    return composerTexts.questionsCanUpCharactersOne(queryMax.toLocaleString("en-GB"));
  }
  if (query.trim().length === 0) return EMPTY_QUERY;
  return null;
}

/** A limit that refused a request: its number and kind, and the seconds until the next request is allowed. */
export type RequestLimit = { readonly most: number; readonly of: LimitKind; readonly seconds: number };

/** Requests of one person or of the room in a minute, and waiting requests of one person or of the room [GE3]. */
type LimitKind = "person" | "room" | "waiting" | "queue";

/** Reads a reason `too-many <time of the next request, in ms> <most> [<of>]`; null for every other reason. */
export function limitOf(reason: string | null, serverNow: number): RequestLimit | null {
  const found = /^too-many (\d+) (\d+)(?: (room|waiting|queue))?$/.exec(reason ?? "");
  if (found === null) return null;
  const seconds = Math.max(0, Math.ceil((Number(found[1]) - serverNow) / 1000));
  const of = (found[3] ?? "person") as LimitKind;
  // The longest wait is a minute. The maximum prevents a countdown of hours if a clock is wrong.
  return { most: Number(found[2]), of, seconds: Math.min(60, seconds) };
}

/** The limit in words. The part that changes each second is separate. */
export function limitText({ most, of, seconds }: RequestLimit): {
  readonly text: string;
  readonly countdown?: string;
} {
  const text = `${LIMIT_TEXT[of](questions(most))}.`;
  return seconds === 0
    ? { text: composerTexts.canAskAgain(text) }
    : { text, countdown: composerTexts.tryAgainInS(seconds) };
}

const questions = (n: number): string => (n === 1 ? "1 question" : composerTexts.questions(n));

const LIMIT_TEXT: Readonly<Record<LimitKind, (most: string) => string>> = {
  person: (most) => composerTexts.aMinute(most),
  room: (most) => composerTexts.minuteRoom(most),
  waiting: (most) => composerTexts.ofYoursWaitAlready(most),
  queue: (most) => composerTexts.waitRoomAlready(most),
};

/**
 * A sentence for a refused request, with what to do next. `nameOf` gives the name of the author of another request, or
 * the name of an identity; null if it is unknown.
 */
export function refusalText(reason: string | null, nameOf: (request: string) => string | null): string {
  const text = reason ?? "";
  const [code = "", ...rest] = text.split(" ");
  switch (code.replace(/:$/, "")) {
    case "lost-to": {
      const name = nameOf(rest.join(" "));
      return name === null
        ? composerTexts.anotherRequestReachedServer
        : composerTexts.firstYoursNotRunTry(name);
    }
    case "stale":
      return composerTexts.roomChangedRequestArrivedNot;
    case "not-allowed":
      return composerTexts.serverNotAcceptRequestAsk;
    case "too-many":
      return composerTexts.askedTooOftenTryAgain;
    case "busy":
      return composerTexts.modelAlreadyWritingTryAgain;
    case "cancelled": {
      const name = nameOf(rest.join(" "));
      return name === null
        ? composerTexts.yourQuestionWasCancelled
        : composerTexts.cancelledYourQuestion(name);
    }
    case "expired":
      return composerTexts.questionOfflineNotConfirmed;
    case "invalid":
      return composerTexts.requestCouldNotRunChange(rest.join(" ") || composerTexts.somethingNotValid);
    default:
      return text === ""
        ? composerTexts.serverRefusedRequestTryAgain
        : composerTexts.serverRefusedRequest(text);
  }
}

/** After this time without an answer of the server, the page says that the request is waiting. */
export const UNANSWERED_MS = 8000;
