import "./publish.css";
import "./my-apps.css";
import { useId, useState } from "react";
import { Icon } from "../icon/Icon";
import { publishTexts } from "../texts";
import type { AppName } from "./api";
import { CopyButton, CopyOutcome } from "./CopyButton";
import { useCopyText } from "./useCopyText";
import { type MyApp, type MyAppsModel, useMyApps } from "./useMyApps";

interface Props {
  readonly onRemix: (app: AppName) => void;
}

/** On the front page: the apps that this person has published, with their versions. */
export function MyApps({ onRemix }: Props) {
  const model = useMyApps();
  const { state } = model;
  if (state.kind === "absent" || state.kind === "loading") return null;
  return (
    <section className="my-apps" aria-label={publishTexts.myApps}>
      <h2>{publishTexts.myApps}</h2>
      {state.kind === "failed" && (
        <p className="my-apps-note" role="alert">
          {publishTexts.appsCannotListed} {state.sentence}{" "}
          <button type="button" className="btn" onClick={model.retry}>
            {publishTexts.tryAgain}
          </button>
        </p>
      )}
      {state.kind === "listed" && state.apps.length === 0 && (
        <p className="my-apps-note">{publishTexts.appsPublishRoomAppear}</p>
      )}
      {state.kind === "listed" && state.apps.length > 0 && (
        <ul>
          {state.apps.map((app) => (
            <Row key={`${app.userSlug}/${app.appSlug}`} app={app} model={model} onRemix={onRemix} />
          ))}
        </ul>
      )}
    </section>
  );
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const moment = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** "v5, 3 November": the shown version, else the newest, and the day of the last change. */
function summaryOf({ shown, versions, updated }: MyApp): string {
  const version = shown ?? versions[0];
  const date = Number.isNaN(Date.parse(updated)) ? null : day.format(new Date(updated));
  return [version === undefined ? null : `v${version.releaseSeq}`, date]
    .filter((part) => part !== null)
    .join(", ");
}

function Row({ app, model, onRemix }: Props & { readonly app: MyApp; readonly model: MyAppsModel }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <li>
      <button
        type="button"
        className="my-app-row"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <span className="my-app-icon" aria-hidden="true">
          <Icon name="window" />
        </span>
        <span className="my-app-name">
          <b>{app.appSlug}</b>
          <small>{summaryOf(app)}</small>
        </span>
        <span className="my-app-state" data-shown={app.shown !== null}>
          {app.shown === null ? publishTexts.notPublished : publishTexts.published}
        </span>
        <Icon name={open ? "up" : "down"} />
      </button>
      <div id={id} hidden={!open}>
        {open && <Details app={app} model={model} onRemix={onRemix} />}
      </div>
    </li>
  );
}

function Details({ app, model, onRemix }: Props & { readonly app: MyApp; readonly model: MyAppsModel }) {
  const copying = useCopyText();
  const { busy, problem } = model;
  const url = model.addressOf(app);
  const [newest] = app.versions;
  return (
    <div className="my-app-details">
      <p className="my-app-address">
        {app.shown === null ? (
          <span>{url.replace(/^https?:\/\//, "")}</span>
        ) : (
          <a href={url} target="_blank" rel="noopener noreferrer">
            {url.replace(/^https?:\/\//, "")}
          </a>
        )}
        <CopyButton copying={copying} text={url} label={publishTexts.copyTheAddressOf(app.appSlug)} />
      </p>
      <CopyOutcome copying={copying} />
      {problem !== null && (
        <p className="publish-warn" data-failed="true" role="alert">
          <Icon name="warn" />
          <span>{problem}</span>
        </p>
      )}
      <div className="my-app-actions">
        {app.shown === null ? (
          newest !== undefined && (
            <button
              type="button"
              className="btn"
              disabled={busy}
              onClick={() => void model.show(app, newest)}
            >
              <Icon name="globe" />
              {publishTexts.publishVersion(newest.releaseSeq)}
            </button>
          )
        ) : (
          <>
            <button type="button" className="btn" onClick={() => onRemix(app)}>
              {publishTexts.remix}
            </button>
            <button type="button" className="btn" disabled={busy} onClick={() => void model.unpublish(app)}>
              {publishTexts.unpublish}
            </button>
          </>
        )}
      </div>
      <ol className="my-app-versions" aria-label={publishTexts.versionsOf(app.appSlug)}>
        {app.versions.map((version) => (
          <li key={version.releaseSeq}>
            <b>{publishTexts.v(version.releaseSeq)}</b>
            <time dateTime={version.created}>{moment.format(new Date(version.created))}</time>
            {version.published ? (
              <span className="my-app-state" data-shown="true">
                {publishTexts.shown}
              </span>
            ) : (
              <button
                type="button"
                className="btn"
                disabled={busy}
                aria-label={publishTexts.showThisVersionV(version.releaseSeq)}
                onClick={() => void model.show(app, version)}
              >
                {publishTexts.showThisVersion}
              </button>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
