import { useEffect, useState } from "react";
import { memory } from "../room/memory";
import { publishTexts } from "../texts";
import type { AppName, AppsApi, Author } from "./api";

/** The most characters of a name; the server's `AppLimits.AUTHOR_NAME_LENGTH_MAX`. The server refuses a longer name. */
export const AUTHOR_NAME_MAX = 60;

interface Shown {
  readonly on: boolean;
  readonly name: string;
}

/** The reason why a name cannot be shown, or null. The server has the same rule. */
export function authorProblem({ on, name }: Shown): string | null {
  if (!on) return null;
  const length = [...name.trim()].length;
  if (length === 0) return publishTexts.typeNameShow;
  if (length > AUTHOR_NAME_MAX) return publishTexts.nameAtMostCharacters(AUTHOR_NAME_MAX);
  return /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(name.trim())
    ? publishTexts.withoutControlCharactersCharacters
    : null;
}

/**
 * Whether the app's page shows its author. For an app that exists, the server knows it; else nothing is shown.
 *
 * @param name the app, or null if it does not exist
 */
export function useAuthor(api: AppsApi, name: AppName | null) {
  const [chosen, setChosen] = useState<Shown | null>(null);
  const [found, setFound] = useState<Shown | null>(null);
  const { userSlug, appSlug } = name ?? { userSlug: "", appSlug: "" };
  useEffect(() => {
    setFound(null);
    if (userSlug === "") return;
    let cancelled = false;
    api.find({ userSlug, appSlug }).then(
      ({ showAuthor, authorName }) =>
        !cancelled && showAuthor === true && setFound({ on: true, name: authorName ?? "" }),
      () => undefined, // Publishing then leaves the author as it is.
    );
    return () => {
      cancelled = true;
    };
  }, [api, userSlug, appSlug]);
  const shown = chosen ?? found ?? { on: false, name: memory.me()?.name ?? "" };
  return {
    ...shown,
    problem: authorProblem(shown),
    /** What the request says: nothing if the person has changed nothing. */
    request: chosen === null ? undefined : requestOf(chosen),
    setOn: (on: boolean): void => setChosen({ ...shown, on }),
    setName: (text: string): void => setChosen({ ...shown, name: text }),
  };
}

const requestOf = ({ on, name }: Shown): Author =>
  on ? { showAuthor: true, authorName: name.trim() } : { showAuthor: false };

export type AuthorChoice = ReturnType<typeof useAuthor>;
