import { useId } from "react";
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
        Show my name
      </label>
      {on && (
        <input
          className="field"
          aria-label="Name to show"
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
            "The page of the app gets its address above."
          ) : (
            <>
              The app's page at <span className="publish-page">{page}</span> shows {on ? "this" : "no"} name.
            </>
          ))}
      </p>
    </div>
  );
}
