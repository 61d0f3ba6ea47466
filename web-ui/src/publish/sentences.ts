import { ApiProblem } from "../room/api";
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
  "require-login": "Publishing needs a name. Enter a room once, then try again.",
  "bad-token": "The server does not accept the identity of this browser. Reload the page and try again.",
  "invalid-auth-type":
    "The server does not accept the identity of this browser. Reload the page and try again.",
  "access-denied": "This app belongs to another person.",
  "not-found": "There is no such app here. It may have been removed.",
  "not-published": "This app is not published now, so it cannot be remixed.",
  "nothing-to-remix": "This app has no code that a room can show.",
  "asset-ref-unknown": "A file of this app is no longer stored on the server.",
  "max-app-slugs-reached":
    "You have as many apps as this server allows. Publish under the address of one of them.",
  "max-user-slugs-reached": "You have as many names as this server allows. Use one of them.",
  "max-apps-reached":
    "You have as many versions as this server keeps, and all were published. Ask the operator of this server for more room.",
  "slug-exhausted": "The server found no free name. Type a name of your own.",
  "handle-required": "Type a name for your part of the address.",
  "too-many-requests": "Too many requests at once. Wait a minute and try again.",
  "unknown-type": "This server cannot do this. It may be older than this page.",
  unavailable: "The server cannot publish now. Nothing was changed. Try again later.",
  unreachable: "The server does not answer. Nothing was changed here. Try again when you are online.",
  "not-understood": "The server's answer cannot be understood. Reload the page and try again.",
  "server-error": "Something failed. Nothing is lost here. Try again.",
} as const;

const isKnown = (code: string): code is keyof typeof SENTENCES => Object.hasOwn(SENTENCES, code);

function sentenceOfProblem(problem: AppsProblem, names: Names): string {
  const user = names.userSlug === undefined ? "This name" : `“${names.userSlug}”`;
  switch (problem.code) {
    case "owned-by-another":
      return `${user} belongs to another person. Type another name.`;
    case "app-slug-invalid":
      return problem.field === "fileSystem"
        ? "There is nothing to publish: an app needs an HTML file or code."
        : "This address is not allowed: 3 to 30 characters, words of a to z and 0 to 9, joined by single dashes.";
    case "user-slug-invalid":
      return `${user} is not allowed: 3 to 30 characters, words of a to z and 0 to 9, joined by single dashes.`;
    case "transform-failed":
      return compileSentence(problem);
    case "too-large":
      return `The app is too large: ${problem.message || "the server refuses it"}.`;
    case "invalid-request":
      return `The server refuses the app: ${problem.message || "a part of it is not allowed"}.`;
    case "server-error":
      return problem.id === null
        ? SENTENCES["server-error"]
        : `The server has failed. Its operator finds the error under ${problem.id}.`;
    default:
      return isKnown(problem.code) ? SENTENCES[problem.code] : SENTENCES["server-error"];
  }
}

/** Names file, line and column of a source that does not compile, and the compiler's reason. */
function compileSentence({ place, message }: AppsProblem): string {
  if (place === null) return `The code does not compile: ${message}`;
  const file = place.file.replace(/^\//, "");
  // The server's message begins with the place: "/App.jsx:12:5: unexpected".
  const reason = message.startsWith(place.file)
    ? message.slice(place.file.length).replace(/^[:\d\s]+/, "")
    : message;
  const at = place.line > 0 ? `, line ${place.line}, column ${place.column}` : "";
  return `${file} does not compile${at}${reason === "" ? "." : `: ${reason}`}`;
}
