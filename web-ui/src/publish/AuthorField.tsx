import { useId } from "react";
import { publishTexts } from "../texts";
import { pagePath } from "./addresses";
import type { Publishing } from "./usePublishing";

/** The switch that shows the author's name on the app's page, and the name. */
export function AuthorField({ publishing }: { readonly publishing: Publishing }) {
  const id = useId();
  const { author, name, url } = publishing;
  const { on, problem } = author;
  const page = `${window.location.host}${pagePath(name)}`;
  return (
    <div className="publish-author">
      <label className="publish-switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={on}
          checked={on}
          onChange={() => author.setOn(!on)}
        />
        {publishTexts.showMyName}
      </label>
      {on && (
        <input
          dir="auto"
          className="field"
          aria-label={publishTexts.nameToShow}
          value={author.name}
          autoComplete="off"
          aria-invalid={problem !== null}
          aria-describedby={`${id}-hint`}
          onChange={(event) => author.setName(event.target.value)}
        />
      )}
      <p
        className="publish-hint"
        id={`${id}-hint`}
        data-error={problem !== null}
        role={problem === null ? undefined : "alert"}
      >
        {problem ??
          (url === null ? (
            publishTexts.pageAppGetsAddressAbove
          ) : (
            <>
              {publishTexts.theAppsPageAt} <span className="publish-page">{page}</span> {publishTexts.shows}{" "}
              {on ? publishTexts.thisOne : publishTexts.no} {publishTexts.name}
            </>
          ))}
      </p>
    </div>
  );
}
