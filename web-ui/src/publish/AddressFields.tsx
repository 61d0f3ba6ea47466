import { useId } from "react";
import { publishTexts } from "../texts";
import { CopyButton } from "./CopyButton";
import { QrCode } from "./QrCode";
import { SLUG_LENGTH } from "./slug";
import type { Copying } from "./useCopyText";
import type { Publishing } from "./usePublishing";

/** The app's address with its editable part, and its QR code. */
export function AddressFields({
  publishing,
  copying,
}: {
  readonly publishing: Publishing;
  readonly copying: Copying;
}) {
  const id = useId();
  const { name, parts, url, appProblem, problem, replacesOther } = publishing;
  const refused = problem?.field === "app" ? problem.text : null;
  const error = appProblem ?? refused;
  return (
    <div className="publish-address">
      <div>
        <label className="publish-label" htmlFor={id}>
          {publishTexts.address}
        </label>
        <div className="publish-url" data-error={error !== null}>
          <span className="publish-url-text">
            {parts.before !== "" && <i>{parts.before}</i>}
            <input
              dir="ltr"
              id={id}
              value={name.appSlug}
              size={Math.max(4, name.appSlug.length)}
              maxLength={SLUG_LENGTH.max + 10}
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              aria-invalid={error !== null}
              aria-describedby={`${id}-hint`}
              onChange={(event) => publishing.setAppSlug(event.target.value)}
            />
            {parts.after !== "" && <i>{parts.after}</i>}
          </span>
          <CopyButton copying={copying} text={url} label={publishTexts.copyAddress} />
        </div>
        <p
          className="publish-hint"
          id={`${id}-hint`}
          data-error={error !== null}
          role={error ? "alert" : undefined}
        >
          {error ??
            (replacesOther
              ? publishTexts.appAddressPublishingShowsApp
              : publishTexts.addressStaysSamePublishNewer)}
        </p>
        <UserSlugField publishing={publishing} />
      </div>
      <QrCode url={url} />
    </div>
  );
}

/** The person's part of the address: typed once, later chosen if the person has several. */
function UserSlugField({ publishing }: { readonly publishing: Publishing }) {
  const id = useId();
  const { name, userSlugs, userProblem, problem } = publishing;
  if (userSlugs === null || userSlugs.length === 1) return null;
  const error = userProblem ?? (problem?.field === "user" ? problem.text : null);
  return (
    <div className="publish-user">
      <label className="publish-label" htmlFor={id}>
        {publishTexts.partAddress}
      </label>
      {userSlugs.length > 1 ? (
        <select
          id={id}
          className="field"
          value={name.userSlug}
          onChange={(event) => publishing.setUserSlug(event.target.value)}
        >
          {userSlugs.map((slug) => (
            <option key={slug}>{slug}</option>
          ))}
        </select>
      ) : (
        <input
          dir="ltr"
          id={id}
          className="field"
          value={name.userSlug}
          maxLength={SLUG_LENGTH.max + 10}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          aria-invalid={error !== null}
          aria-describedby={`${id}-hint`}
          onChange={(event) => publishing.setUserSlug(event.target.value)}
        />
      )}
      <p
        className="publish-hint"
        id={`${id}-hint`}
        data-error={error !== null}
        role={error ? "alert" : undefined}
      >
        {error ?? publishTexts.addressAllAppsWhereEverybody}
      </p>
    </div>
  );
}
