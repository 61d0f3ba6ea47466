import { useCallback, useEffect, useMemo, useState } from "react";
import { Addresses } from "./addresses";
import { type AppName, type AppSummary, AppsProblem, type Version } from "./api";
import { ownApps, serverAddresses } from "./own";
import { sentenceOf } from "./sentences";

/** An app of this person with its versions, newest first. */
export interface MyApp extends AppSummary {
  readonly versions: readonly Version[];
  /** The version that the address shows; null if the app is not published. */
  readonly shown: Version | null;
}

export type MyAppsState =
  | { readonly kind: "loading" }
  /** The server has no apps API. */
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly sentence: string }
  | { readonly kind: "listed"; readonly apps: readonly MyApp[] };

const isSame = (a: AppName, b: AppName): boolean => a.userSlug === b.userSlug && a.appSlug === b.appSlug;

/** This person's apps, and the requests that change which versions are shown. */
export function useMyApps() {
  const api = useMemo(ownApps, []);
  const [addresses, setAddresses] = useState(() => new Addresses(null, window.location.origin));
  const [state, setState] = useState<MyAppsState>({ kind: "loading" });
  const [attempt, setAttempt] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const read = useCallback(
    async (app: AppSummary): Promise<MyApp> => {
      const versions = await api.versions(app);
      return { ...app, versions, shown: versions.find(({ published }) => published) ?? null };
    },
    [api],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads the list again
  useEffect(() => {
    let cancelled = false;
    const list = async (): Promise<void> => {
      const apps = await Promise.all((await api.apps()).map(read));
      const found = await serverAddresses();
      if (cancelled) return;
      setAddresses(found);
      setState({ kind: "listed", apps });
    };
    list().catch((cause) => {
      if (cancelled) return;
      const absent = cause instanceof AppsProblem && cause.code === "not-understood";
      setState(absent ? { kind: "absent" } : { kind: "failed", sentence: sentenceOf(cause) });
    });
    return () => {
      cancelled = true;
    };
  }, [api, read, attempt]);

  /** Sends a request that changes an app, and reads the app again. */
  const change = async (app: MyApp, request: () => Promise<unknown>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await request();
      const next = await read(app);
      setState((before) =>
        before.kind === "listed"
          ? { ...before, apps: before.apps.map((each) => (isSame(each, app) ? next : each)) }
          : before,
      );
    } catch (cause) {
      setProblem(sentenceOf(cause));
    }
    setBusy(false);
  };

  return {
    state,
    problem,
    busy,
    addressOf: (app: AppName): string => addresses.of(app),
    retry: (): void => {
      setState({ kind: "loading" });
      setAttempt((before) => before + 1);
    },
    show: (app: MyApp, version: Version): Promise<void> => change(app, () => api.publish(app, version.fsId)),
    unpublish: (app: MyApp): Promise<void> => change(app, () => api.setUnpublished(app, true)),
  };
}

export type MyAppsModel = ReturnType<typeof useMyApps>;
