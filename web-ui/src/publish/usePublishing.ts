import { useEffect, useMemo, useRef, useState } from "react";
import { randomGuestName } from "../room/names";
import { publishTexts } from "../texts";
import { Addresses } from "./addresses";
import { type AppFile, type AppName, type AppSummary, AppsProblem, type Deployed, type Version } from "./api";
import { ownApps, publishApp, publishedNames, serverAddresses } from "./own";
import { publishable } from "./publishable";
import { sentenceOf } from "./sentences";
import { slugOf, slugProblem, slugTyped } from "./slug";
import { useAuthor } from "./useAuthor";

/** The files of one version of an app. */
export interface AppVersion {
  /** The number that the app window shows; null if the app has only one version. */
  readonly version: number | null;
  readonly files: readonly AppFile[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The outcome of the last request, with the field that has to be changed. */
interface Problem {
  readonly text: string;
  readonly field: "user" | "app" | "author" | null;
}

interface Known {
  readonly userSlugs: readonly string[];
  readonly apps: readonly AppSummary[];
}

const isSame = (a: AppName, b: AppName): boolean => a.userSlug === b.userSlug && a.appSlug === b.appSlug;

/** A proposed slug for a person without one. It says nothing about the person, and few others have it. */
const proposedUserSlug = (): string =>
  slugOf(`${randomGuestName()} ${100 + Math.floor(Math.random() * 900)}`, "my-apps");

interface Publication {
  readonly title: string;
  readonly roomSlug: string;
  readonly appId: string;
  readonly suggestedSlug: string;
  readonly onPublished?: ((app: Deployed) => void) | undefined;
}

/** The state of the Publish dialog and its requests. */
export function usePublishing({ title, roomSlug, appId, suggestedSlug, onPublished }: Publication) {
  const api = useMemo(ownApps, []);
  const [addresses, setAddresses] = useState(() => new Addresses(null, window.location.origin));
  const remembered = useRef(publishedNames.get(roomSlug, appId));
  const [proposed] = useState(proposedUserSlug);
  const [known, setKnown] = useState<Known | null>(null);
  const [userSlug, setUserSlug] = useState<string | null>(remembered.current?.userSlug ?? null);
  const [appSlug, setAppSlug] = useState(() => remembered.current?.appSlug ?? slugOf(suggestedSlug));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  /** The version that the address shows now, with its address if this dialog has published it. */
  const [shown, setShown] = useState<{ readonly name: AppName; readonly version: Version | null } | null>(
    null,
  );
  const [published, setPublished] = useState<(Deployed & { readonly label: string }) | null>(null);
  const [wasUnpublished, setWasUnpublished] = useState(false);

  useEffect(() => {
    let cancelled = false;
    void serverAddresses().then((found) => !cancelled && setAddresses(found));
    Promise.all([api.userSlugs(), api.apps()]).then(
      ([userSlugs, apps]) => !cancelled && setKnown({ userSlugs, apps }),
      (cause) => !cancelled && setProblem({ text: sentenceOf(cause), field: null }),
    );
    return () => {
      cancelled = true;
    };
  }, [api]);

  const name: AppName = {
    userSlug: userSlug ?? known?.userSlugs[0] ?? proposed,
    appSlug,
  };
  const exists = known?.apps.some((app) => isSame(app, name)) ?? false;
  const key = `${name.userSlug}/${name.appSlug}`;
  const author = useAuthor(api, exists ? name : null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has the two names
  useEffect(() => {
    if (!exists) return;
    let cancelled = false;
    api.versions(name).then(
      (versions) =>
        !cancelled && setShown({ name, version: versions.find((each) => each.published) ?? null }),
      () => undefined, // Unpublish is then not offered; publishing names the error.
    );
    return () => {
      cancelled = true;
    };
  }, [api, exists, key]);

  const appProblem = slugProblem(appSlug);
  const userProblem = slugProblem(name.userSlug);
  const isShown = shown?.version != null && isSame(shown.name, name);

  const run = async (work: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    setWasUnpublished(false);
    try {
      await work();
    } catch (cause) {
      setProblem({ text: sentenceOf(cause, name), field: fieldOf(cause) });
    }
    setBusy(false);
  };

  const publish = ({ version, files, env }: AppVersion): Promise<void> =>
    run(async () => {
      const deployed = await publishApp(api, {
        name,
        files: publishable(title, files),
        env,
        author: author.request,
      });
      const { fsId, mode, releaseSeq } = deployed;
      publishedNames.set(roomSlug, appId, deployed);
      remembered.current = name;
      setUserSlug(name.userSlug);
      setKnown((before) => ({
        userSlugs: [...new Set([...(before?.userSlugs ?? []), name.userSlug])],
        apps: [...(before?.apps ?? []).filter((app) => !isSame(app, name)), { ...name, updated: "" }],
      }));
      setShown({ name, version: { fsId, mode, releaseSeq, created: "", published: true } });
      setPublished({
        ...deployed,
        label: version === null ? publishTexts.published : publishTexts.vIsPublished(version),
      });
      onPublished?.(deployed);
    });

  const unpublish = (): Promise<void> =>
    run(async () => {
      await api.setUnpublished(name, true);
      setShown({ name, version: null });
      setPublished(null);
      setWasUnpublished(true);
    });

  const edited = (): void => {
    setProblem(null);
    setPublished(null);
    setWasUnpublished(false);
  };
  const addressIsValid = appProblem === null && userProblem === null;
  return {
    name,
    parts: addresses.parts(name.userSlug),
    /** The whole address, or null while a slug breaks the rule. */
    url: addressIsValid ? (published?.entryPointUrl ?? addresses.of(name)) : null,
    userSlugs: known?.userSlugs ?? null,
    appProblem,
    userProblem,
    problem,
    author: {
      ...author,
      problem: author.problem ?? (problem?.field === "author" ? problem.text : null),
      setOn: (on: boolean): void => {
        edited();
        author.setOn(on);
      },
      setName: (text: string): void => {
        edited();
        author.setName(text);
      },
    },
    /** Whether the person's input can be published. */
    isComplete: addressIsValid && author.problem === null,
    busy,
    isShown,
    /** Whether the address belongs to an app of this person that was not published from this window. */
    replacesOther: exists && (remembered.current === null || !isSame(remembered.current, name)),
    published,
    /** Whether the last request has unpublished the app. */
    wasUnpublished,
    setAppSlug: (text: string): void => {
      edited();
      setAppSlug(slugTyped(text));
    },
    setUserSlug: (text: string): void => {
      edited();
      setUserSlug(slugTyped(text));
    },
    publish,
    unpublish,
  };
}

export type Publishing = ReturnType<typeof usePublishing>;

function fieldOf(cause: unknown): Problem["field"] {
  if (!(cause instanceof AppsProblem)) return null;
  if (cause.field === "ownerHandle" || cause.code === "user-slug-invalid") return "user";
  if (cause.field === "authorName") return "author";
  return cause.field === "appSlug" ? "app" : null;
}
