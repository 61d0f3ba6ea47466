import { Icon } from "../../icon/Icon";
import { useResult } from "../../room";
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
      Back to version {back.number}
    </button>
  );
  const fixButton = (
    <button
      type="button"
      key="fix"
      className={backFirst ? "btn btn-s" : "btn btn-s btn-go"}
      disabled={fixBlocked !== null}
      title={fixBlocked ?? "Ask the model to fix this error"}
      onClick={onFix}
    >
      <Icon name="spark" />
      Fix it
    </button>
  );
  return (
    <div className="app-error" role="alert">
      <Icon name="warn" />
      <div className="app-error-words">
        <b>{problem.title}</b>
        {more > 0 && <span> and {more} more</span>}
        <code>
          {problem.message}
          {placeOf(problem)}
        </code>
        {backFirst && <span>Two fixes did not help. An earlier version may be quicker.</span>}
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
          <span className="grow">The app is not responding.</span>
          <button type="button" className="btn btn-s btn-stop" onClick={onStop}>
            Stop
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
            The app wants to open <code>{log.link}</code>
          </span>
          <a
            className="btn btn-s"
            href={log.link}
            target="_blank"
            rel="noopener noreferrer nofollow"
            onClick={onForgetLink}
          >
            Open
          </a>
          <button type="button" className="btn btn-s" onClick={onForgetLink}>
            Cancel
          </button>
        </div>
      )}
      {log.blockedCount > 0 && (
        <details className="app-notice app-blocked">
          <summary>
            Apps have no network:{" "}
            {log.blockedCount === 1 ? "1 request was" : `${log.blockedCount} requests were`} blocked
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
      return "A new version is requested.";
    case "running":
      return "A new version is being written.";
    case "refused":
      return "The request for a new version was not run. This is the version before it.";
    default:
      return "The last answer has no code for this app. This is the version before it.";
  }
}
