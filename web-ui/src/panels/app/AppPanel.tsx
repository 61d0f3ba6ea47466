import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  addAppVersion,
  appStateOf,
  type RoomWindow,
  resetAppState,
  setAppState,
  showAppVersion,
  useOffline,
  usePeople,
  useResult,
  useRoom,
} from "../../room";
import { type FromFrame, RateLimit, STATE_LIMITS, stateProblem } from "../../run/messages";
import { appTexts } from "../../texts";
import { useGenerateBlockedReason, useRequests } from "../composer/useRequests";
import { AppFoot } from "./AppFoot";
import { AppToolbar, type Tab } from "./AppToolbar";
import { CodeTab } from "./CodeTab";
import { fixQuestion, offerFor } from "./fix";
import { RunFrame } from "./RunFrame";
import { ErrorStrip, NoticeStrip } from "./Strips";
import { requestBehind, type Version } from "./sources";
import { useApp } from "./useApp";
import { type Ended, useRun } from "./useRun";
import "./app.css";

/** The shown version of an app, for further actions in its toolbar, such as Publish. */
export interface ShownApp {
  readonly window: RoomWindow;
  readonly version: Version;
  readonly hasError: boolean;
  /** The last earlier version without an error in this page, or null. */
  readonly lastGood: Version | null;
}

const ENDINGS: Readonly<Record<Exclude<Ended, null>, string>> = {
  stopped: appTexts.appStoppedScreen,
  left: appTexts.appOpenedAnotherPageStopped,
  flooded: appTexts.appSentTooManyMessages,
  focus: appTexts.appTookKeyboardWhileUsed,
};

type AppPanelProps = {
  readonly window: RoomWindow;
  /** Makes further buttons for the toolbar. */
  readonly actions?: (app: ShownApp) => ReactNode;
};

/** An app of the room: its preview, its code, its errors and its versions. All people see the same version. */
export function AppPanel({ window: shown, actions }: AppPanelProps) {
  const room = useRoom();
  const app = useApp(shown);
  const version = app.shown;
  const [tab, setTab] = useState<Tab>("preview");
  const isNote = version?.ref.startsWith("note:") ?? false;
  const run = useRun(version?.source ?? null, version?.ref ?? "", isNote);
  const failed = useFailedVersions(run.failedRef);
  const viewer = useViewer();
  const offline = useOffline();
  const state = useMemo(() => appStateOf(shown.props), [shown.props]);
  const receive = useStateWrites(shown.id, state, run.receive);
  useRaiseOnFocus(shown.id);
  const waits = useWaitForServer(offline, run);

  if (version === null) return <NoCode awaited={app.awaited} />;
  const back = (to: Version): void => {
    room.run(showAppVersion(shown.id, to.ref));
    room.announce(appTexts.backToVersion(to.number));
  };
  return (
    <div className="app">
      <AppToolbar
        window={shown}
        tab={tab}
        onTab={setTab}
        app={app}
        version={version}
        offline={offline}
        onVersion={back}
        onRunAgain={run.again}
        actions={actions?.({
          window: shown,
          version,
          hasError: run.problem !== null,
          lastGood:
            app.versions.findLast((each) => each.number < version.number && !failed.has(each.ref)) ?? null,
        })}
      />
      <div
        className="app-stage"
        role="tabpanel"
        id={`app-${shown.id}`}
        aria-labelledby={`app-${shown.id}-${tab}`}
      >
        {/* The preview stays mounted behind the code, so that the app keeps running. */}
        <div className="app-preview" hidden={tab !== "preview"}>
          {run.run !== null && (
            <RunFrame
              key={run.run.id}
              window={shown.id}
              title={appTexts.previewOf(shown.title || appTexts.app)}
              program={run.run.program}
              viewer={viewer}
              offline={offline}
              state={state}
              onMessage={receive}
              onSilent={run.setSilent}
              onDropped={run.setDropped}
              onLeft={() => run.end("left")}
              onFlood={() => run.end("flooded")}
              onTheft={() => run.end("focus")}
            />
          )}
          {run.ended !== null && (
            <p className="p-empty">
              {ENDINGS[run.ended]}{" "}
              <button type="button" className="p-link" onClick={run.again}>
                {appTexts.runAgain}
              </button>
            </p>
          )}
        </div>
        {tab === "code" && <CodeTab window={shown} version={version} versions={app.versions} />}
      </div>
      <NoticeStrip
        awaited={app.awaited}
        silent={run.silent}
        onStop={() => run.end("stopped")}
        log={run.log}
        onForgetLink={run.forgetLink}
      />
      {waits && (
        <p className="app-notice" role="status">
          {appTexts.appStartsWhenBack}
        </p>
      )}
      {run.problem !== null && !waits && (
        <Problem
          window={shown}
          version={version}
          versions={app.versions}
          failed={failed}
          run={run}
          onBack={back}
        />
      )}
      <AppFoot
        stateKeys={Object.keys(state)}
        log={run.log}
        dropped={run.dropped}
        canReset={room.canEdit}
        onReset={() => room.change(resetAppState(shown.id))}
      />
    </div>
  );
}

function NoCode({ awaited }: { readonly awaited: string | null }) {
  const result = useResult(awaited);
  return (
    <p className="p-empty">
      {result?.status === "running" ? appTexts.answerAppBeingWritten : appTexts.codeAppNotRoomAny}
    </p>
  );
}

type ProblemProps = {
  readonly window: RoomWindow;
  readonly version: Version;
  readonly versions: readonly Version[];
  readonly failed: ReadonlySet<string>;
  readonly run: ReturnType<typeof useRun>;
  readonly onBack: (to: Version) => void;
};

/** The strip with the first error of the app, and the ways out of it. */
function Problem({ window: shown, version, versions, failed, run, onBack }: ProblemProps) {
  const room = useRoom();
  const { ask } = useRequests();
  const { problem, log } = run;
  const question = useMemo(
    () => (problem === null ? "" : fixQuestion(version.source, problem)),
    [problem, version.source],
  );
  const blocked = useGenerateBlockedReason(question);
  if (problem === null) return null;
  const { back, backFirst } = offerFor(versions, version, failed);
  const fix = (): void => {
    const request = ask(question, requestBehind(version.ref, versions));
    const next = { ref: `result:${request}`, from: version.ref, fix: true };
    room.change(addAppVersion(shown.id, { ...next, ...room.authorship() }));
    room.announce(appTexts.askedForAFix);
  };
  return (
    <ErrorStrip
      problem={problem}
      more={Math.max(0, log.problemCount - 1)}
      back={room.canEdit ? back : null}
      backFirst={backFirst}
      onBack={onBack}
      fixBlocked={blocked}
      onFix={fix}
    />
  );
}

/**
 * Whether the app waits for the server: it could not start while the server is away. When the server is back, the app
 * starts again.
 */
function useWaitForServer(offline: boolean, run: ReturnType<typeof useRun>): boolean {
  const failedOffline = offline && run.problem !== null && !run.log.rendered;
  const [waits, setWaits] = useState(false);
  const { again } = run;
  useEffect(() => {
    if (failedOffline) setWaits(true);
    else if (waits && !offline) {
      setWaits(false);
      again();
    }
  }, [failedOffline, waits, offline, again]);
  return failedOffline;
}

/** The references of the versions that had an error in this window since the page was opened. */
function useFailedVersions(failedRef: string | null): ReadonlySet<string> {
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (failedRef !== null)
      setFailed((before) => (before.has(failedRef) ? before : new Set(before).add(failedRef)));
  }, [failedRef]);
  return failed;
}

function useViewer() {
  const room = useRoom();
  const name = usePeople().find((person) => person.isMe)?.name ?? "";
  return useMemo(
    () => ({ identity: room.me.identity, name, canEdit: room.canEdit }),
    [room.me.identity, name, room.canEdit],
  );
}

/**
 * A receiver of messages that writes the app's changes of shared state into the document, within the limits. A write
 * above the limits is dropped; the app limits itself, so only an app that goes around `parlor.state` loses one.
 */
function useStateWrites(
  id: string,
  state: Readonly<Record<string, string>>,
  next: (message: FromFrame) => void,
): (message: FromFrame) => void {
  const room = useRoom();
  const limit = useRef<RateLimit | null>(null);
  const latest = useRef(state);
  latest.current = state;
  return useCallback(
    (message) => {
      if (message.type !== "state") {
        next(message);
        return;
      }
      const { key, json } = message;
      const now = performance.now();
      limit.current ??= new RateLimit(STATE_LIMITS.perSecond, now);
      const isAllowed =
        room.canEdit &&
        stateProblem(key, json, Object.keys(latest.current)) === null &&
        limit.current.take(now);
      if (isAllowed) room.change(setAppState(id, key, json));
    },
    [room, id, next],
  );
}

/** Brings the window to the front when a person presses in the frame, whose pointer events the page does not see. */
function useRaiseOnFocus(id: string): void {
  const room = useRoom();
  useEffect(() => {
    const raise = (): void => {
      const frame = document.activeElement;
      if (frame instanceof HTMLIFrameElement && frame.closest(`[data-window="${id}"]`) !== null)
        room.windows.raise(id);
    };
    // A frame that took the focus without a press gives it back at once, see useFocusGuard.
    const onBlur = (): void => void setTimeout(raise, 0);
    globalThis.addEventListener("blur", onBlur);
    return () => globalThis.removeEventListener("blur", onBlur);
  }, [room, id]);
}
