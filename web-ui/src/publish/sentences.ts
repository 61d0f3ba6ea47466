import { ApiProblem } from "../room/api";
import { publishTexts } from "../texts";
import { AppsProblem } from "./api";

/** The names in a request, for the sentences about them. */
export interface Names {
  readonly appSlug?: string;
  readonly userSlug?: string | undefined;
}

/** What happened and what to do next, for a person. */
export function sentenceOf(cause: unknown, names: Names = {}): string {
  if (cause instanceof AppsProblem) return sentenceOfProblem(cause, names);
  // The request that proves the identity failed.
  if (cause instanceof ApiProblem)
    return cause.unreachable ? SENTENCES.unreachable : cause.message || SENTENCES["bad-token"];
  return SENTENCES["server-error"];
}

const SENTENCES = {
  "require-login": publishTexts.publishingNeedsNameEnterRoom,
  "bad-token": publishTexts.serverNotAcceptIdentityBrowser,
  "invalid-auth-type": publishTexts.serverNotAcceptIdentityBrowser,
  "access-denied": publishTexts.appBelongsAnotherPerson,
  "not-found": publishTexts.noSuchAppMayRemoved,
  "not-published": publishTexts.appNotPublishedCannotRemixed,
  "nothing-to-remix": publishTexts.appNoCodeRoomCan,
  "asset-ref-unknown": publishTexts.fileAppNoLongerStored,
  "max-app-slugs-reached": publishTexts.manyAppsServerAllowsPublish,
  "max-user-slugs-reached": publishTexts.manyNamesServerAllowsUse,
  "max-apps-reached": publishTexts.manyVersionsServerKeepsAll,
  "slug-exhausted": publishTexts.serverFoundNoFreeName,
  "handle-required": publishTexts.typeNamePartAddress,
  "too-many-requests": publishTexts.tooManyRequestsOnceWait,
  "unknown-type": publishTexts.serverCannotMayOlderThan,
  unavailable: publishTexts.serverCannotPublishNothingChanged,
  unreachable: publishTexts.serverNotAnswerNothingChanged,
  "not-understood": publishTexts.serversAnswerCannotUnderstood,
  "server-error": publishTexts.somethingFailedNothingLostTry,
} as const;

const isKnown = (code: string): code is keyof typeof SENTENCES => Object.hasOwn(SENTENCES, code);

function sentenceOfProblem(problem: AppsProblem, names: Names): string {
  const user = names.userSlug === undefined ? publishTexts.thisName : `“${names.userSlug}”`;
  switch (problem.code) {
    case "owned-by-another":
      return publishTexts.belongsAnotherPersonTypeAnother(user);
    case "app-slug-invalid":
      return problem.field === "fileSystem"
        ? publishTexts.nothingPublishAppNeedsHtml
        : publishTexts.addressNotAllowed;
    case "user-slug-invalid":
      return publishTexts.nameNotAllowed(user);
    case "transform-failed":
      return compileSentence(problem);
    case "too-large":
      return publishTexts.appTooLarge(problem.message || publishTexts.theServerRefusesIt);
    case "invalid-request":
      return publishTexts.serverRefusesApp(problem.message || publishTexts.partNotAllowed);
    case "server-error":
      return problem.id === null
        ? SENTENCES["server-error"]
        : publishTexts.serverFailedOperatorFindsError(problem.id);
    default:
      return isKnown(problem.code) ? SENTENCES[problem.code] : SENTENCES["server-error"];
  }
}

/** Names file, line and column of a source that does not compile, and the compiler's reason. */
function compileSentence({ place, message }: AppsProblem): string {
  if (place === null) return publishTexts.codeNotCompile(message);
  const file = place.file.replace(/^\//, "");
  // The server's message begins with the place: "/App.jsx:12:5: unexpected".
  const reason = message.startsWith(place.file)
    ? message.slice(place.file.length).replace(/^[:\d\s]+/, "")
    : message;
  const at = place.line > 0 ? publishTexts.lineColumn(place.line, place.column) : "";
  return publishTexts.doesNotCompile(file, at, reason === "" ? "." : `: ${reason}`);
}
