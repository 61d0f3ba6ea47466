import "./publish.css";
import { Dialog } from "radix-ui";
import { useId } from "react";
import { Icon } from "../icon/Icon";
import { publishTexts } from "../texts";
import { AddressFields } from "./AddressFields";
import { AuthorField } from "./AuthorField";
import { embedSnippet } from "./addresses";
import type { AppFile, Deployed } from "./api";
import { CopyButton, CopyOutcome } from "./CopyButton";
import { type Copying, useCopyText } from "./useCopyText";
import { type AppVersion, type Publishing, usePublishing } from "./usePublishing";

export interface PublishProps {
  /** The app's title, as its window shows it. */
  readonly title: string;
  readonly files: readonly AppFile[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The number of the shown version; missing or null if the app has only one. */
  readonly version?: number | null;
  /** Whether the shown version has an error that is not fixed. */
  readonly hasError?: boolean;
  /** The last version without an error, which is offered if the shown one has an error. */
  readonly lastGood?: AppVersion | null;
  /** The proposed slug, or a title from which a slug can be made. */
  readonly suggestedSlug: string;
  readonly roomSlug: string;
  /** The id of the app's window. Its address is remembered under it, so that a newer version has the same address. */
  readonly appId: string;
  readonly onPublished?: (app: Deployed) => void;
  readonly onClose: () => void;
}

/** The dialog that puts an app on the web: address, QR code, snippet; Publish and Unpublish. */
export function PublishDialog(props: PublishProps) {
  const { title, files, env, version = null, hasError = false, lastGood = null, onClose } = props;
  const publishing = usePublishing(props);
  const copying = useCopyText();
  const shown: AppVersion = { version, files, env };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog publish"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
        >
          <header>
            <Dialog.Title asChild>
              <h2>{publishTexts.publishQuoted(title)}</h2>
            </Dialog.Title>
            <Dialog.Close className="icon-btn" aria-label={publishTexts.close}>
              <Icon name="close" />
            </Dialog.Close>
          </header>
          <form
            id="publish-form"
            className="publish-in"
            onSubmit={(event) => {
              event.preventDefault();
              if (canPublish(publishing)) void publishing.publish(shown);
            }}
          >
            <Problems publishing={publishing} shown={shown} hasError={hasError} lastGood={lastGood} />
            <AddressFields publishing={publishing} copying={copying} />
            <Audience />
            <Embed publishing={publishing} copying={copying} />
            <CopyOutcome copying={copying} />
            <AuthorField publishing={publishing} />
          </form>
          <Footer publishing={publishing} version={version} onClose={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const canPublish = ({ isComplete, busy }: Publishing): boolean => isComplete && !busy;

const nameOf = (version: number | null): string =>
  version === null ? publishTexts.thisVersion : `v${version}`;

/** The error of the shown version with the last version without one, and the outcome of a failed request. */
function Problems({
  publishing,
  shown,
  hasError,
  lastGood,
}: {
  readonly publishing: Publishing;
  readonly shown: AppVersion;
  readonly hasError: boolean;
  readonly lastGood: AppVersion | null;
}) {
  const { problem, published } = publishing;
  if (published !== null) return <Warnings warnings={published.warnings} />;
  const failed = problem !== null && problem.field === null ? problem.text : null;
  const offersGood = lastGood !== null && (hasError || failed !== null);
  if (!hasError && failed === null) return null;
  return (
    <div className="publish-warn" data-failed={failed !== null} role={failed === null ? "note" : "alert"}>
      <Icon name="warn" />
      <span>
        {failed ?? publishTexts.stillHasAnError(nameOf(shown.version))}
        {offersGood && failed === null && publishTexts.hasNone(nameOf(lastGood.version))}
      </span>
      {offersGood && (
        <button
          type="button"
          className="btn"
          disabled={!canPublish(publishing)}
          onClick={() => void publishing.publish(lastGood)}
        >
          {lastGood.version === null
            ? publishTexts.publishLastGoodVersion
            : publishTexts.publishVInstead(lastGood.version)}
        </button>
      )}
    </div>
  );
}

/** What the server has changed or left out, such as a package that it does not have. */
function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <div className="publish-warn" role="status">
      <Icon name="warn" />
      <span>
        {publishTexts.publishedBut} {warnings.join("; ")}.
      </span>
    </div>
  );
}

/** Every published app is public, so this states it and offers no choice. */
function Audience() {
  return (
    <div className="publish-audience">
      <span className="publish-label">{publishTexts.whoCanOpenIt}</span>
      <p>
        <Icon name="link" />
        <b>{publishTexts.anyoneWithTheLink}</b>
        <small>{publishTexts.notListedAnywherePeopleEnter}</small>
      </p>
    </div>
  );
}

function Embed({ publishing, copying }: { readonly publishing: Publishing; readonly copying: Copying }) {
  const id = useId();
  const { url } = publishing;
  const snippet = url === null ? null : embedSnippet(url);
  return (
    <div className="publish-embed">
      <span className="publish-label" id={id}>
        {publishTexts.embedInAPage}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has borders and a legend */}
      <div role="group" aria-labelledby={id}>
        <code>{snippet ?? publishTexts.addressNotComplete}</code>
        <CopyButton copying={copying} text={snippet} label={publishTexts.copyEmbedSnippet} />
      </div>
    </div>
  );
}

function Footer({
  publishing,
  version,
  onClose,
}: {
  readonly publishing: Publishing;
  readonly version: number | null;
  readonly onClose: () => void;
}) {
  const { published, isShown, busy, url } = publishing;
  const state = publishing.wasUnpublished
    ? publishTexts.unpublishedAddressShowsNothing
    : isShown
      ? publishTexts.addressShowsEarlierVersion
      : publishTexts.canUnpublishAnyTime;
  return (
    <footer>
      <p
        className="publish-hint"
        role="status"
        data-outcome={published !== null || publishing.wasUnpublished}
      >
        {published === null ? (
          state
        ) : (
          <>
            <b className="publish-done">{published.label}.</b>{" "}
            <a href={url ?? published.wrapperUrl} target="_blank" rel="noopener noreferrer">
              {publishTexts.openIt}
            </a>
            {publishTexts.or}
            <a href={published.wrapperUrl} target="_blank" rel="noopener noreferrer">
              {publishTexts.withItsBar}
            </a>
          </>
        )}
      </p>
      {isShown && (
        <button type="button" className="btn" disabled={busy} onClick={() => void publishing.unpublish()}>
          {publishTexts.unpublish}
        </button>
      )}
      {published === null && !isShown && (
        <button type="button" className="btn" onClick={onClose}>
          {publishTexts.cancel}
        </button>
      )}
      {published === null ? (
        <button type="submit" form="publish-form" className="btn btn-go" disabled={!canPublish(publishing)}>
          <Icon name="globe" />
          {busy
            ? publishTexts.working
            : version === null
              ? publishTexts.publish
              : publishTexts.publishVersion(version)}
        </button>
      ) : (
        <button type="button" className="btn btn-go" onClick={onClose}>
          {publishTexts.done}
        </button>
      )}
    </footer>
  );
}
