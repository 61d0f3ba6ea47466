import { Icon } from "../../icon/Icon";
import { useResult } from "../../room";
import { appTexts } from "../../texts";
import { type AppLog, type Problem, placeOf } from "./appLog";
import type { Version } from "./sources";

type ErrorProps = {
  readonly problem: Problem;
  /** The number of further errors. */
  readonly more: number;
  readonly back: Version | null;
  readonly backFirst: boolean;
  readonly onBack: (to: Version) => void;
  /** The reason why a fix cannot be requested now, or null. */
  readonly fixBlocked: string | null;
  readonly onFix: () => void;
};

/** The first error of an app, with Fix it and the way back to an earlier version. */
export function ErrorStrip({ problem, more, back, backFirst, onBack, fixBlocked, onFix }: ErrorProps) {
  const backButton = back !== null && (
    <button
      type="button"
      key="back"
      className={backFirst ? "btn btn-s btn-go" : "btn btn-s"}
      onClick={() => onBack(back)}
    >
      {appTexts.backToVersion2} {back.number}
    </button>
  );
  const fixButton = (
    <button
      type="button"
      key="fix"
      className={backFirst ? "btn btn-s" : "btn btn-s btn-go"}
      disabled={fixBlocked !== null}
      title={fixBlocked ?? appTexts.askModelFixError}
      onClick={onFix}
    >
      <Icon name="spark" />
      {appTexts.fixIt}
    </button>
  );
  return (
    <div className="app-error" role="alert">
      <Icon name="warn" />
      <div className="app-error-words">
        <b>{problem.title}</b>
        {more > 0 && (
          <span>
            {" "}
            {appTexts.and} {more} {appTexts.more}
          </span>
        )}
        <code>
          {problem.message}
          {placeOf(problem)}
        </code>
        {backFirst && <span>{appTexts.twoFixesNotHelpEarlier}</span>}
      </div>
      <div className="app-error-do">
        {backButton}
        {fixButton}
      </div>
    </div>
  );
}

type NoticeProps = {
  readonly awaited: string | null;
  readonly silent: boolean;
  readonly onStop: () => void;
  readonly log: AppLog;
  readonly onForgetLink: () => void;
};

/** The notices of an app that are not errors: it hangs, it waits for an answer, it wants to open a link. */
export function NoticeStrip({ awaited, silent, onStop, log, onForgetLink }: NoticeProps) {
  const result = useResult(awaited);
  return (
    <>
      {silent && (
        <div className="app-notice" role="alert">
          <Icon name="warn" />
          <span className="grow">{appTexts.appNotResponding}</span>
          <button type="button" className="btn btn-s btn-stop" onClick={onStop}>
            {appTexts.stop}
          </button>
        </div>
      )}
      {awaited !== null && (
        <p className="app-notice" role="status">
          {awaitedText(result?.status ?? null)}
        </p>
      )}
      {log.link !== null && (
        <div className="app-notice" role="status">
          <span className="grow">
            {appTexts.appWantsOpen} <code>{log.link}</code>
          </span>
          <a
            className="btn btn-s"
            href={log.link}
            target="_blank"
            rel="noopener noreferrer nofollow"
            onClick={onForgetLink}
          >
            {appTexts.open}
          </a>
          <button type="button" className="btn btn-s" onClick={onForgetLink}>
            {appTexts.cancel}
          </button>
        </div>
      )}
      {log.blockedCount > 0 && (
        <details className="app-notice app-blocked">
          <summary>
            {appTexts.appsHaveNoNetwork}{" "}
            {log.blockedCount === 1 ? appTexts.n1RequestWas : appTexts.requestsWere(log.blockedCount)}{" "}
            {appTexts.blocked}
          </summary>
          <ul>
            {log.blocked.map((url) => (
              <li key={url}>{url}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function awaitedText(status: string | null): string {
  switch (status) {
    case null:
      return appTexts.newVersionRequested;
    case "running":
      return appTexts.newVersionBeingWritten;
    case "refused":
      return appTexts.requestNewVersionNotRun;
    default:
      return appTexts.lastAnswerNoCodeApp;
  }
}
