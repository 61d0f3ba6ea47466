import { withBase } from "../page/base";
import "./waiting.css";
import type { ReactNode } from "react";
import { go } from "../page/route";
import { entryTexts } from "../texts";

/** A page that is shown while the room is loading. */
export function Waiting({ text, hint }: { readonly text: string; readonly hint?: string | undefined }) {
  return (
    <main className="quiet">
      <div className="quiet-box" role="status">
        <span className="quiet-mark" aria-hidden="true" />
        <p className="quiet-title">{text}</p>
        {hint !== undefined && <p className="quiet-hint">{hint}</p>}
      </div>
    </main>
  );
}

/** A page that says why a room does not open, and what to do next. */
export function ErrorPage({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <main className="quiet">
      <div className="quiet-box" role="alert">
        <span className="quiet-mark still" aria-hidden="true" />
        <h1 className="quiet-title">{title}</h1>
        <p className="quiet-hint">{text}</p>
        <p className="quiet-actions">
          {children}
          <button type="button" className="btn" onClick={() => go(withBase("/"))}>
            {entryTexts.openAnotherRoom}
          </button>
        </p>
      </div>
    </main>
  );
}
